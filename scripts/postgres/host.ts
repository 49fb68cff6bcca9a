import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'
import { otherThanRoot } from './account.ts'
import { createCluster } from './cluster.ts'
import { findPlace } from './place.ts'

const wanted = z.object({ settings: z.record(z.string(), z.string()), native: z.string().optional() })

/**
 * A process that holds a PostgreSQL for the one that started it (hosted.ts), by its stdin: where that ends, however the
 * other died, the server ends and its folder goes. Is given what it shall be as JSON. Prints `{"url": "…"}` when it is there, or
 * `{"cannot": "…"}`; told `crash` or `start`, a line each, it answers with `{"done": "…"}`.
 */
async function main(): Promise<void> {
  const input = createInterface(process.stdin)
  // At once: an end that comes before somebody listens would not be seen.
  const orders = input[Symbol.asyncIterator]()
  process.once('SIGTERM', () => input.close())
  const { settings, native } = wanted.parse(JSON.parse(process.argv[2] ?? '{}'))
  const place = findPlace(otherThanRoot(), native)
  process.once('exit', () => rmSync(place.folder, { recursive: true, force: true }))
  const cluster = await createCluster(place, settings)
  await cluster.start()
  say({ url: cluster.url })
  for await (const order of orders) {
    await (order === 'crash' ? cluster.crash() : cluster.start())
    say({ done: order })
  }
  await cluster.crash()
}

function say(word: Record<string, string>): void {
  process.stdout.write(`${JSON.stringify(word)}\n`)
}

process.umask(0o077)
// These reach the whole group (Ctrl-C, a closed terminal): the other decides, by the pipe.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
try {
  await main()
  process.exit(0)
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  say({ cannot: error.message })
  process.exitCode = 1
}
