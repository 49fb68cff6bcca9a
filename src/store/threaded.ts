import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { Attached } from '#src/model/attached.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import type { Json } from '#src/model/json.ts'
import { pieces } from '#src/model/pieces.ts'
import type { InParts } from './call.ts'

const failure = z.object({ code: z.unknown().optional(), message: z.string(), ours: z.boolean() })
const opening = z.object({ opened: z.boolean(), failed: failure.optional() })
const answer = z.object({ id: z.number(), result: z.custom<Json>().optional(), failed: failure.optional() })

/** Its thread is gone, and nothing but another process opens it again. */
export class ThreadEnded extends Error {}

/** PGlite in a thread of its own. What it is asked fails with what it says, and without a code where it is gone, with why. */
export interface ThreadedPglite {
  query(text: string, values: readonly InParts[]): Promise<Json>
  close(): Promise<void>
}

/**
 * Opens the embedded database in a thread of its own, where it holds nobody up: it reads a mail of 24 MB for seconds. Throws
 * ConfigurationError as `migrate` does.
 */
export async function threadedPglite(folder: string): Promise<ThreadedPglite> {
  const worker = new Worker(new URL('pglite-thread.ts', import.meta.url), {
    workerData: { folder },
    execArgv: [],
  })
  const asked = new Map<number, PromiseWithResolvers<Json>>()
  let gone: ThreadEnded | undefined
  let why = ''
  let number = 0
  worker.on('error', (error) => {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    why = ` (${message || name})`
  })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  void ended.then(() => {
    const over = new ThreadEnded(`the embedded database has ended${why}: start the server again`)
    for (const { reject } of asked.values()) reject(over)
    gone = over
    asked.clear()
  })
  const { opened, failed } = opening.parse(await firstWord(worker))
  if (!opened) {
    await worker.terminate()
    throw failed?.ours ? new ConfigurationError(failed.message) : new Error(failed?.message)
  }
  worker.on('message', (message) => {
    const { id, result = null, failed: why } = answer.parse(message)
    const waiting = asked.get(id)
    asked.delete(id)
    if (why) waiting?.reject(Object.assign(new Error(why.message), { code: why.code }))
    else waiting?.resolve(result)
  })
  return {
    async query(text, values) {
      const handed: ArrayBuffer[] = []
      const sent: unknown[] = []
      for (const value of values) sent.push(Array.isArray(value) ? await copied(value, handed) : value)
      if (gone) throw gone
      const waiting = Promise.withResolvers<Json>()
      asked.set(++number, waiting)
      worker.postMessage({ id: number, text, values: sent }, handed)
      return waiting.promise
    },
    async close() {
      if (gone) return
      worker.postMessage({ close: true })
      await ended
    },
  }
}

/** What it says first. Rejects where it ends instead. */
async function firstWord(worker: Worker): Promise<unknown> {
  const ends = new AbortController()
  const end = () => ends.abort(new Error('the thread of the database ended'))
  worker.once('exit', end)
  const [message] = await once(worker, 'message', { signal: ends.signal })
  worker.off('exit', end)
  return message
}

/** A text in the pieces in which it is handed over: to copy 24 MB in one go holds everybody up for 100 ms. */
async function copied(parts: readonly Attached[], handed: ArrayBuffer[]): Promise<Attached[]> {
  const sent: Attached[] = []
  for (const part of parts)
    for await (const piece of pieces(part)) {
      const copy = typeof piece === 'string' ? piece : new Uint8Array(piece)
      if (typeof copy !== 'string') handed.push(copy.buffer)
      sent.push(copy)
    }
  return sent
}
