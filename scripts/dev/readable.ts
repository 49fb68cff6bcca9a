import { styleText } from 'node:util'
import { z } from 'zod'

const line = z.looseObject({
  level: z.enum(['error', 'warn', 'info', 'debug']),
  message: z.string(),
  timestamp: z.iso.datetime(),
})

const colours = { error: 'red', warn: 'yellow', info: 'green', debug: 'gray' } as const
/** The same on every line of a run. */
const leftOut = new Set(['level', 'message', 'timestamp', 'runId'])

/** One line of the log as a person reads it: the time, the fact, its fields. What is not such a line stays as it is. */
export function readable(text: string): string {
  const read = line.safeParse(parsed(text))
  if (!read.success) return text
  const { level, message, timestamp } = read.data
  const fields = Object.entries(read.data)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${styleText('dim', `${name}=`)}${shown(value)}`)
  const time = new Date(timestamp).toTimeString().slice(0, 8)
  return [styleText('dim', time), styleText(colours[level], message), ...fields].join(' ')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)
}
