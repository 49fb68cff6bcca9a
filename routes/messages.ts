import type { Router } from 'express'
import { z } from 'zod'
import { visibleTenant } from '#src/api/access.ts'
import type { Action } from '#src/api/action.ts'
import { flag, invalid, messageId, moment, parsed, tenantId } from '#src/api/params.ts'
import { escalationView, view } from '#src/api/view.ts'
import { channels } from '#src/model/message.ts'
import { cancel } from '#src/sending/cancel.ts'
import type { Store } from '#src/store/store.ts'
import { answer, asking, known } from './actions.ts'
import { jsonBody } from './body.ts'
import { accessFrom } from './guard.ts'
import { exactRouter } from './router.ts'

const statsQuery = z.strictObject({
  from: moment.optional(),
  to: moment.optional(),
  channel: z.enum(channels).optional(),
  tenantId: tenantId.optional(),
})
const monthMs = 30 * 24 * 3_600_000

/** The messages as resources of their own: the same actions, the same answers. */
export function messageRoutes(tools: {
  actions: ReadonlyMap<string, Action>
  store: Store
  now: () => Date
}): Router {
  const { actions, store, now } = tools
  const list = known(actions, 'listMessages')
  const get = known(actions, 'getMessage')
  const sms = known(actions, 'sendSMS')
  const router = exactRouter()

  router.get('/messages', async (request, response) => {
    answer(response, await list(request.query, asking(request, response)))
  })

  router.get('/messages/:id', async (request, response) => {
    const { raw } = parsed(z.strictObject({ raw: flag.optional() }), request.query)
    answer(response, await get({ id: request.params.id, raw }, asking(request, response)))
  })

  router.post('/messages/:id/cancel', async (request, response) => {
    const { id } = parsed(z.strictObject({ id: messageId }), request.params)
    const { message, escalation } = await cancel(tools, {
      id,
      tenantId: accessFrom(response).tenantId,
      requestId: String(response.locals.requestId),
    })
    response.json({
      success: true,
      message: view(message),
      ...(escalation ? { escalation: escalationView(escalation) } : {}),
    })
  })

  router.post('/sms/send', jsonBody(), async (request, response) => {
    answer(response, await sms(request.body, asking(request, response)))
  })

  router.get('/stats', async (request, response) => {
    const query = parsed(statsQuery, request.query)
    const to = query.to ?? now()
    const from = query.from ?? new Date(to.getTime() - monthMs)
    if (from >= to) throw invalid([{ path: 'from', message: 'must be before to' }])
    const counts = await store.messageStats({
      tenantId: visibleTenant(accessFrom(response), query.tenantId),
      channel: query.channel,
      from,
      to,
    })
    response.json({ success: true, from: from.toISOString(), to: to.toISOString(), ...statistics(counts) })
  })
  return router
}

/** Counts in camelCase, and what share of what could be had each is. Rates are between 0 and 1, null of nothing. */
function statistics(counts: Record<string, number>): Record<string, unknown> {
  const rate = (part: string, whole: string) =>
    counts[whole] ? Math.round(((counts[part] ?? 0) / counts[whole]) * 10_000) / 10_000 : null
  return {
    ...view(counts),
    rates: {
      delivered: rate('delivered', 'sent'),
      read: rate('read', 'delivered'),
      opened: rate('opened', 'delivered'),
      clicked: rate('clicked', 'delivered'),
      bounced: rate('bounced', 'sent'),
      complained: rate('complained', 'delivered'),
      failed: rate('failed', 'messages'),
    },
  }
}
