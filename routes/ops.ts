import type { Router } from 'express'
import { z } from 'zod'
import { nextCursor, pageSize, positionOf } from '#src/api/paging.ts'
import { line, messageId, parsed } from '#src/api/params.ts'
import { view } from '#src/api/view.ts'
import { AppError } from '#src/model/errors.ts'
import type { Log } from '#src/runtime/log.ts'
import { resolveUnknown } from '#src/sending/resolve.ts'
import { revive } from '#src/sending/revive.ts'
import type { Store } from '#src/store/store.ts'
import { jsonBody } from './body.ts'
import { accessFrom, opsOnly } from './guard.ts'
import { exactRouter } from './router.ts'

const page = z.strictObject({ limit: pageSize, cursor: line(200).optional() })
/** A message's, or the number of work for the CRM. */
const deadLetterId = z.union(
  [messageId, z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER)],
  'must be the uuid of a message, or the number of a job',
)
const mostJobs = 100

/** What needs a person: sends whose outcome nobody knows, and messages that we gave up. Tokens with the ops scope only. */
export function opsRoutes(tools: { store: Store; log: Log; now: () => Date }): Router {
  const { store, log } = tools
  const router = exactRouter()

  router.post('/messages/:id/resolve', opsOnly, jsonBody(), async (request, response) => {
    const { id } = parsed(z.object({ id: messageId }), request.params)
    const body = parsed(z.strictObject({ as: z.enum(['sent', 'failed', 'retry']) }), request.body)
    const message = await resolveUnknown(tools, {
      id,
      as: body.as,
      tenantId: accessFrom(response).tenantId,
      requestId: String(response.locals.requestId),
    })
    log.info('outcome_resolved', { messageId: id, as: body.as })
    response.json({ success: true, message: view(message) })
  })

  router.get('/dead-letters', opsOnly, async (request, response) => {
    const { limit, cursor } = parsed(page, request.query)
    const letters = await store.listDeadLetters({
      tenantId: accessFrom(response).tenantId,
      before: cursor === undefined ? undefined : positionOf(cursor),
      limit: limit + 1,
    })
    // Few, or somebody has been looking away for long: the newest are shown with the first page.
    const jobs =
      cursor === undefined
        ? await store.listDeadJobs({ tenantId: accessFrom(response).tenantId, limit: mostJobs })
        : []
    response.json({
      success: true,
      messages: letters.slice(0, limit).map(view),
      jobs: jobs.map(view),
      nextCursor: nextCursor(letters, limit),
    })
  })

  router.post('/dead-letters/:id/replay', opsOnly, async (request, response) => {
    const { id } = parsed(z.object({ id: deadLetterId }), request.params)
    if (typeof id === 'number') {
      response.status(202).json(await revivedJob(id, accessFrom(response).tenantId))
      return
    }
    const message = await revive(tools, {
      id,
      tenantId: accessFrom(response).tenantId,
      requestId: String(response.locals.requestId),
    })
    log.info('dead_letter_revived', { messageId: id })
    response.status(202).json({ success: true, message: view(message) })
  })

  async function revivedJob(id: number, tenantId: string | undefined) {
    const outcome = await store.reviveDeadJob(id, tenantId)
    if (outcome === 'missing')
      throw new AppError('not_found', 404, 'dead letter: there is none with this number')
    if (outcome === 'not_dead')
      throw new AppError('not_dead', 409, 'dead letter: it is still tried, so there is nothing to revive')
    log.info('dead_letter_revived', { job: id })
    return { success: true, job: { id } }
  }
  return router
}
