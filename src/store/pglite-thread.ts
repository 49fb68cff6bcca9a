import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'
import { migrate } from './migrate.ts'
import { pgliteConnection } from './pglite.ts'

// What threaded.ts starts in a thread: opens the database, brings it up to date, says so, and answers what it is asked.

const question = z.union([
  z.object({ id: z.number(), text: z.string(), values: z.array(z.unknown()) }),
  z.object({ close: z.literal(true) }),
])
const failure = z.object({ code: z.unknown().optional(), message: z.string().catch('') })
const decoder = new TextDecoder()

/** A long text comes as its bytes, which are handed over and not copied. */
function written(value: unknown): unknown {
  return value instanceof Uint8Array ? decoder.decode(value) : value
}

function told(error: unknown): { code: unknown; message: string; ours: boolean } {
  const { code, message } = failure.parse(error)
  return { code, message, ours: error instanceof ConfigurationError }
}

async function open(): Promise<PGlite> {
  const { folder } = z.object({ folder: z.string() }).parse(workerData)
  const pglite = await PGlite.create({ dataDir: folder, relaxedDurability: true })
  await migrate(pgliteConnection(pglite))
  return pglite
}

async function answer(pglite: PGlite, asked: unknown): Promise<void> {
  const wanted = question.parse(asked)
  if ('close' in wanted) {
    await pglite.close()
    return parentPort?.close()
  }
  const { id, text, values } = wanted
  try {
    const { rows } = await pglite.query<{ result: unknown }>(text, values.map(written))
    parentPort?.postMessage({ id, result: rows[0]?.result ?? null })
  } catch (error) {
    parentPort?.postMessage({ id, failed: told(error) })
  }
}

try {
  const pglite = await open()
  parentPort?.on('message', (asked) => void answer(pglite, asked))
  parentPort?.postMessage({ opened: true })
} catch (error) {
  parentPort?.postMessage({ opened: false, failed: told(error) })
}
