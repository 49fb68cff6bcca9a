import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'
import type { Json } from '#src/model/json.ts'

const failure = z.object({ code: z.unknown().optional(), message: z.string(), ours: z.boolean() })
const opening = z.object({ opened: z.boolean(), failed: failure.optional() })
const answer = z.object({ id: z.number(), result: z.custom<Json>().optional(), failed: failure.optional() })

/** Its thread is gone, and nothing but another process opens it again. */
export class ThreadEnded extends Error {}

/** A longer text is handed over as its bytes. */
const longCharacters = 64 * 1024

/** PGlite in a thread of its own. What it is asked fails with what it says, and without a code where it is gone, with why. */
export interface ThreadedPglite {
  query(text: string, values: readonly unknown[]): Promise<Json>
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
    query(text, values) {
      const waiting = Promise.withResolvers<Json>()
      if (gone) waiting.reject(gone)
      else {
        const { sent, handed } = handedOver(values)
        asked.set(++number, waiting)
        worker.postMessage({ id: number, text, values: sent }, handed)
      }
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

function handedOver(values: readonly unknown[]): { sent: unknown[]; handed: ArrayBuffer[] } {
  const handed: ArrayBuffer[] = []
  const encoder = new TextEncoder()
  const sent = values.map((value) => {
    if (typeof value !== 'string' || value.length < longCharacters) return value
    const { buffer } = encoder.encode(value)
    handed.push(buffer)
    return new Uint8Array(buffer)
  })
  return { sent, handed }
}
