import { Router } from 'express'
import { z } from 'zod'
import { AppError } from '#src/errors.ts'
import { parsed, wholeNumber } from '#src/params.ts'
import type { Store } from '#src/store/store.ts'
import { view } from '#src/view.ts'
import { accessFrom } from './guard.ts'

const flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true')
const query = z.strictObject({
  unmatched: flag.optional(),
  quarantined: flag.optional(),
  limit: wholeNumber(1, 200).default(50),
  cursor: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
})

/** `GET /events`: the newest first; `unmatched=1` those without a message, `quarantined=1` those that could not be read. */
export function eventRoutes(store: Store): Router {
  const router = Router()
  router.get('/events', async (request, response) => {
    const filter = parsed(query, request.query)
    const { tenantId, ops } = accessFrom(response)
    if (filter.quarantined && (tenantId !== undefined || !ops))
      throw new AppError(
        'forbidden',
        403,
        'quarantined: belongs to no tenant (needs an ops token without one)',
      )
    const page = filter.quarantined
      ? await store.listQuarantined({ beforeId: filter.cursor, limit: filter.limit })
      : await store.listEvents({
          tenantId,
          unmatched: filter.unmatched ?? false,
          beforeId: filter.cursor,
          limit: filter.limit,
        })
    const last = page.length === filter.limit ? page.at(-1) : undefined
    response.json({ success: true, events: page.map(view), nextCursor: last ? String(last.id) : null })
  })
  return router
}
