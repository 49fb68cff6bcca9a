import { Writable } from 'node:stream'
import { createLog, type Fields } from '#src/runtime/log.ts'

/**
 * A log that prints nothing: `lines` gives what was written to it since the last call. A test that makes the house log an
 * error reads that line here.
 */
export function collectedLog(level = 'error') {
  let written: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      // close() waits for an empty write.
      if (chunk.length > 0) written.push(String(chunk))
      done()
    },
  })
  return {
    log: createLog({ level, runId: 'test', stream }),
    lines(): Fields[] {
      const lines = written.map((line) => JSON.parse(line))
      written = []
      return lines
    },
  }
}
