import type { Router } from 'express'
import type { BounceMailbox } from '#src/email/bounce-mailbox.ts'
import { dueWithinMs } from '#src/patience.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import { reachable } from '#src/runtime/reachable.ts'
import type { Worker } from '#src/sending/worker.ts'
import type { Store } from '#src/store/store.ts'
import { exactRouter } from './router.ts'

/**
 * `GET /health`: the process lives. `GET /health/ready`: it can do all of its work, else 503 with the reasons; `warnings`: what of
 * it does not work, though messages go out. Webhooks do
 * not wait for readiness: the spool takes them while the database is away.
 */
export function healthRoutes(tools: {
  store: Store
  ingest: Ingest
  worker: Worker
  bounces: Pick<BounceMailbox, 'fault'> | undefined
}): Router {
  const { store, ingest, worker, bounces } = tools
  let longestDueMs = 0
  const databaseAnswers = reachable(async () => {
    await store.schemaVersion()
    longestDueMs = await worker.longestDueMs()
  })
  const router = exactRouter()
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/health/ready', async (_request, response) => {
    const reasons: string[] = []
    const answers = await databaseAnswers()
    const { word, records, bytes } = ingest.state()
    // Under load it may not find the time to answer us, and still takes what it is given.
    const away = word === 'away' || (!answers && word === 'there')
    if (away) reasons.push('database: away (it cannot be reached)')
    else if (word === 'busy') reasons.push('database: busy (it takes what is told late)')
    if (!away && longestDueMs > dueWithinMs)
      reasons.push('worker: a message has been due for minutes and is not sent (see the log)')
    if (bytes > 0) {
      const ageSeconds = Math.round(ingest.lacksForMs() / 1_000)
      // What an earlier process has left is not counted from outside.
      const what = records > 0 ? `${records} batches (${bytes} bytes)` : `${bytes} bytes`
      reasons.push(`spool: ${what} wait for the database, the oldest for ${ageSeconds} s`)
    }
    if (!worker.healthy()) reasons.push('worker: has not finished a round lately')
    // Messages go out all the same: a process is not to be taken away for it.
    const fault = bounces?.fault()
    const warnings = fault ? [`bounce mailbox: cannot be read (${fault.code}; ${fault.remedy})`] : []
    response
      .status(reasons.length === 0 ? 200 : 503)
      .json({ ready: reasons.length === 0, reasons, ...(fault && { warnings }) })
  })
  return router
}
