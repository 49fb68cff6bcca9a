import { z } from 'zod'
import { visibleTenant } from '#src/api/access.ts'
import type { Action } from '#src/api/action.ts'
import { nextCursor, pageSize, positionOf } from '#src/api/paging.ts'
import { line, parsed, reference, tenantId } from '#src/api/params.ts'
import { view } from '#src/api/view.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import { channels, messageStatuses } from '#src/model/message.ts'
import { personNumber } from '#src/model/number-plans.ts'
import { e164 } from '#src/model/phone.ts'
import { whatsAppName } from '#src/model/whatsapp-name.ts'
import type { ActionTools } from './tools.ts'

const schema = z.strictObject({
  tenantId: tenantId.optional(),
  leadId: reference.optional(),
  to: line(254).optional(),
  status: z.enum(messageStatuses).optional(),
  channel: z.enum(channels).optional(),
  limit: pageSize,
  cursor: line(200).optional(),
})

/** The newest messages first, a page at a time; `nextCursor` is null on the last. */
export function listMessages({ store, country }: ActionTools): Action {
  return async (params, { access }) => {
    const filter = parsed(schema, params)
    const page = await store.listMessages({
      tenantId: visibleTenant(access, filter.tenantId),
      leadId: filter.leadId,
      to: filter.to === undefined ? undefined : personIn(filter.to, country),
      status: filter.status,
      channel: filter.channel,
      before: filter.cursor === undefined ? undefined : positionOf(filter.cursor),
      // One more than asked for tells whether there is another page, without counting.
      limit: filter.limit + 1,
    })
    const messages = page.slice(0, filter.limit).map(view)
    return { status: 200, body: { success: true, messages, nextCursor: nextCursor(page, filter.limit) } }
  }
}

/** As a person is kept: one number, however it is written, an email address, or WhatsApp's own name for somebody. */
function personIn(writing: string, country: string): string {
  const number = e164(writing, country)
  if (number !== undefined) return personNumber(number)
  return whatsAppName(writing) ?? keptAddress(writing)
}
