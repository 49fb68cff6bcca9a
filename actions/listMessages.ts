import { z } from 'zod'
import { visibleTenant } from '#src/access.ts'
import type { Action, ActionTools } from '#src/action.ts'
import { channels, messageStatuses } from '#src/message.ts'
import { invalid, line, messageId, parsed, reference, tenantId, wholeNumber } from '#src/params.ts'
import { e164 } from '#src/phone.ts'
import type { Row } from '#src/store/store.ts'
import { view } from '#src/view.ts'

const schema = z.strictObject({
  tenantId: tenantId.optional(),
  leadId: reference.optional(),
  to: line(254).optional(),
  status: z.enum(messageStatuses).optional(),
  channel: z.enum(channels).optional(),
  limit: wholeNumber(1, 200).default(50),
  cursor: line(200).optional(),
})

/** The newest messages first, a page at a time; `nextCursor` is null on the last. */
export function listMessages({ store, country }: ActionTools): Action {
  return async (params, { access }) => {
    const filter = parsed(schema, params)
    const page = await store.listMessages({
      tenantId: visibleTenant(access, filter.tenantId),
      leadId: filter.leadId,
      to: filter.to === undefined ? undefined : (e164(filter.to, country) ?? filter.to.toLowerCase()),
      status: filter.status,
      channel: filter.channel,
      before: filter.cursor === undefined ? undefined : position(filter.cursor),
      // One more than asked for tells whether there is another page, without counting.
      limit: filter.limit + 1,
    })
    const shown = page.slice(0, filter.limit)
    const last = page.length > filter.limit ? shown.at(-1) : undefined
    return {
      status: 200,
      body: { success: true, messages: shown.map(view), nextCursor: last ? cursor(last) : null },
    }
  }
}

function cursor(row: Row): string {
  return Buffer.from(`${row.created_at} ${row.id}`).toString('base64url')
}

/** A time as PostgreSQL writes it in UTC, to the microsecond: what else is ISO 8601 (a year 0, +23:59) it may not read. */
const exactTime = /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00$/

function position(cursorText: string): { createdAt: string; id: string } {
  const [createdAt = '', id = ''] = Buffer.from(cursorText, 'base64url').toString().split(' ')
  const usable =
    exactTime.test(createdAt) &&
    z.iso.datetime({ offset: true }).safeParse(createdAt).success &&
    messageId.safeParse(id).success
  if (!usable) throw invalid([{ path: 'cursor', message: 'must be the nextCursor of the page before' }])
  return { createdAt, id }
}
