import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { z } from 'zod'
import { attached } from '#src/model/attached.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { inOne } from './call.ts'
import { migrate } from './migrate.ts'
import { pgliteConnection } from './pglite.ts'

// What threaded.ts starts in a thread: opens the database, brings it up to date, says so, and answers what it is asked.

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(attached)])
const question = z.union([
  z.object({ id: z.number(), text: z.string(), values: z.array(value) }),
  z.object({ close: z.literal(true) }),
])
const withAttachments = z.looseObject({ attachments: z.array(z.looseObject({ content: z.string() })) })
const failure = z.object({ code: z.unknown().optional(), message: z.string().catch('') })

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

/** What is attached to a message goes as its bytes, which are not copied. */
function handedOver(result: unknown, handed: ArrayBuffer[]): unknown {
  const { success, data } = withAttachments.safeParse(result)
  if (!success) return result
  const attachments = data.attachments.map((one) => {
    const content = new Uint8Array(Buffer.byteLength(one.content))
    Buffer.from(content.buffer).write(one.content)
    handed.push(content.buffer)
    return { ...one, content }
  })
  return { ...data, attachments }
}

async function answer(pglite: PGlite, asked: unknown): Promise<void> {
  const wanted = question.parse(asked)
  if ('close' in wanted) {
    await pglite.close()
    return parentPort?.close()
  }
  const { id, text, values } = wanted
  try {
    const { rows } = await pglite.query<{ result: unknown }>(text, values.map(inOne))
    const handed: ArrayBuffer[] = []
    const result = handedOver(rows[0]?.result ?? null, handed)
    parentPort?.postMessage({ id, result }, handed)
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
