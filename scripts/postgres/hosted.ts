import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'

/** A PostgreSQL of ours, in a process that ends with this one. */
export interface HostedPostgres {
  /** Its database `postgres`, as its superuser. */
  url: string
  /** Ends it at once, as a power cut would; resolves when it is gone. */
  crash(): Promise<void>
  /** Resolves when it takes connections again. */
  start(): Promise<void>
  /** Ends it and removes all that it held. */
  stop(): Promise<void>
}

const word = z.object({ url: z.string(), cannot: z.string(), done: z.string() }).partial()

/**
 * Throws ConfigurationError, in one line, where none can be had. `settings` are PostgreSQL's own, by name; `native` is the
 * folder of `bin` and `lib` where it is not the one that npm has installed.
 */
export async function hostPostgres(
  settings: Record<string, string>,
  native?: string,
): Promise<HostedPostgres> {
  const file = fileURLToPath(new URL('host.ts', import.meta.url))
  const host = spawn(process.execPath, [file, JSON.stringify({ settings, native })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(host, 'exit')
  const lines = createInterface(host.stdout)[Symbol.asyncIterator]()
  const answer = async () => {
    const { done, value } = await lines.next()
    if (done) throw new Error('PostgreSQL: the process that held it has ended')
    return word.parse(JSON.parse(value))
  }
  const order = async (text: string) => {
    host.stdin.write(`${text}\n`)
    await answer()
  }
  const { url, cannot } = await answer()
  if (url === undefined) throw new ConfigurationError(cannot ?? 'PostgreSQL: does not start')
  return {
    url,
    crash: () => order('crash'),
    start: () => order('start'),
    async stop() {
      host.stdin.end()
      await ended
    },
  }
}
