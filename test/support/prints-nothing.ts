import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'

/**
 * A test that prints is one whose lines nobody checks: what a file of tests writes to the terminal fails it. A log is given
 * a stream (collectedLog of log-lines.ts).
 */
const printed: string[] = []
const { write } = process.stdout

beforeAll(() => {
  process.stdout.write = (chunk) => {
    printed.push(String(chunk))
    return true
  }
})
afterAll(async () => {
  // The log gathers the lines of one turn of the event loop.
  await pause(0)
  process.stdout.write = write
  const lines = printed.splice(0).join('')
  if (lines !== '')
    throw new Error(`tests: printed (give the log a stream: collectedLog): ${lines.slice(0, 500)}`)
})
