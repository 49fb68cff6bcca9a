import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'
import winston from 'winston'
import { ConfigurationError } from '#src/model/errors.ts'
import { masked } from '#src/model/mask.ts'

export type Fields = Record<string, unknown>

/** JSON lines: a fact in the past, snake_case, with fields. Never prose, never an address, a body or a secret. */
export interface Log {
  debug(fact: string, fields?: Fields): void
  info(fact: string, fields?: Fields): void
  warn(fact: string, fields?: Fields): void
  error(fact: string, fields?: Fields): void
  /** Resolves when every line is written: winston loses lines on process.exit otherwise. */
  close(): Promise<void>
}

export interface OwnLog extends Log {
  /** Writes into a new file from here on, where there is one: the last was moved away. */
  reopen(): void
}

const longestCloseMs = 5_000

/** What every line of one request (requestId) or of the worker (runId) carries. */
const context = new AsyncLocalStorage<Fields>()

/** Runs `work` so that each line it logs, however deep, carries these fields. */
export function withLogFields<T>(fields: Fields, work: () => T): T {
  return context.run({ ...context.getStore(), ...fields }, work)
}

/** Throws ConfigurationError where the file cannot be written: winston would be silent about it, on stdout too. */
export function createLog(options: {
  level: string
  file?: string | undefined
  runId: string
  stream?: NodeJS.WritableStream
}): OwnLog {
  const stream = options.stream ?? gathered(process.stdout)
  if (options.file) checkWritable(options.file)
  const opened = () => options.file && new winston.transports.File({ filename: options.file })
  let file = opened()
  const logger = winston.createLogger({
    level: options.level,
    // Not winston's own JSON, which looks for circles and sorts: what comes here is a copy without any (redacted).
    format: winston.format.printf((line) => JSON.stringify(line)),
    transports: [new winston.transports.Stream({ stream }), ...(file ? [file] : [])],
  })
  const write = (level: string, fact: string, fields: Fields = {}) => {
    const line = redacted({ runId: options.runId, ...context.getStore(), ...fields })
    logger.log({ ...line, level, message: fact, timestamp: new Date().toISOString() })
  }
  return {
    debug: (fact, fields) => write('debug', fact, fields),
    info: (fact, fields) => write('info', fact, fields),
    warn: (fact, fields) => write('warn', fact, fields),
    error: (fact, fields) => write('error', fact, fields),
    reopen() {
      try {
        if (options.file) checkWritable(options.file)
      } catch (error) {
        // The old one is still written.
        return write('error', 'log_not_reopened', { error })
      }
      const next = opened()
      if (!file || !next) return
      logger.add(next)
      logger.remove(file)
      file = next
    },
    close: () =>
      new Promise((resolve) => {
        // A file on a disk that is full never finishes.
        const enough = setTimeout(resolve, longestCloseMs)
        // winston's finish comes before a pipe has taken the last lines.
        logger.once('finish', () => {
          clearTimeout(enough)
          stream.write('', () => resolve())
        })
        logger.end()
      }),
  }
}

function checkWritable(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    closeSync(openSync(file, 'a'))
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? `${error.code}` : 'unknown reason'
    throw new ConfigurationError(
      `configuration: LOG_FILE ${file} cannot be written: ${reason} (let the process write there, or unset it: the log is on stdout anyway)`,
    )
  }
}

/**
 * Each write to a file, a pipe or a terminal is a system call that blocks: the lines of one turn of the event loop are
 * written at once.
 */
function gathered(stream: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write: (line, _encoding, done) => void setImmediate(() => stream.write(line, done)),
    writev: (lines, done) =>
      void setImmediate(() => stream.write(lines.map(({ chunk }) => chunk).join(''), done)),
  })
}

const deepest = 6

const secretName = /authorization|password|secret|token|api_?key|cookie|signature/i
const personalName =
  /^(to|from|cc|bcc|email|phone|recipient|sender|body|text|html|subject|address|url|raw|payload)$/i

/**
 * The last net, not the first: what is logged is chosen where it is logged. Fields named like secrets or personal data
 * are dropped, and what looks like an address or a phone number in any text is masked.
 */
export function redacted(fields: Fields, depth = 0): Fields {
  const safe: Fields = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    safe[name] =
      secretName.test(name) || personalName.test(name) ? '<redacted>' : maskedValue(value, name, depth)
  }
  return safe
}

function maskedValue(value: unknown, name: string, depth: number): unknown {
  // What refers to itself would otherwise never end.
  if (depth > deepest) return '<too deep>'
  if (typeof value === 'string') return idName.test(name) ? value : masked(value)
  if (value instanceof Error) return describedError(value, depth)
  if (Array.isArray(value)) return value.map((entry) => maskedValue(entry, name, depth + 1))
  if (typeof value === 'object' && value !== null) return redacted({ ...value }, depth + 1)
  return typeof value === 'bigint' ? String(value) : value
}

/** Our own ids and times are made of digits too, and people search the log for them. */
const idName = /(^id|Id|Ids|At|At\w*|timestamp|version)$/

/** An error as a line can hold it: no properties, since SDK errors carry requests with keys and bodies. */
function describedError(error: Error, depth: number): Fields {
  const cause =
    error.cause instanceof Error && depth < deepest ? { cause: describedError(error.cause, depth + 1) } : {}
  // The frames alone: above them stands the message once more, on as many lines as it has.
  const stack = error.stack
    ?.split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 5)
  return { name: error.name, message: masked(error.message), stack, ...cause }
}
