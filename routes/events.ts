import type { Router } from 'express'
import { z } from 'zod'
import { pageSize } from '#src/api/paging.ts'
import { flag, parsed, wholeNumber } from '#src/api/params.ts'
import { view } from '#src/api/view.ts'
import type { Store } from '#src/store/store.ts'
import { accessFrom, opsOfAllTenants } from './guard.ts'
import { exactRouter } from './router.ts'

const query = z.strictObject({
  unmatched: flag.optional(),
  quarantined: flag.optional(),
  raw: flag.optional(),
  limit: pageSize,
  cursor: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
})

/**
 * `GET /events`: the newest first; `unmatched=1` those without a message, `quarantined=1` those that could not be read,
 * `raw=1` with what the provider sent.
 */
export function eventRoutes(store: Store): Router {
  const router = exactRouter()
  router.get('/events', async (request, response) => {
    const { unmatched, quarantined, raw, limit, cursor: beforeId } = parsed(query, request.query)
    if (quarantined) opsOfAllTenants(response, 'quarantined: belongs to no tenant')
    const { tenantId } = accessFrom(response)
    // One more than asked for tells whether there is another page, without counting.
    const page = { beforeId, limit: limit + 1 }
    const rows = quarantined
      ? await store.listQuarantined(page)
      : await store.listEvents({ ...page, tenantId, unmatched: unmatched ?? false, withRaw: raw ?? false })
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    response.json({ success: true, events: shown.map(view), nextCursor: last ? String(last.id) : null })
  })
  return router
}
