import { z } from 'zod'
import type { Call } from '../call.ts'
import type { EventFilter, MessageFilter, StatsFilter } from '../kept.ts'
import {
  type ShownMessage,
  shownAttempt,
  shownEscalation,
  shownEvent,
  shownMessage,
  shownQuarantined,
} from '../shown.ts'

const timeline = z.object({
  message: shownMessage,
  events: z.array(shownEvent),
  attempts: z.array(shownAttempt),
  escalation: shownEscalation.nullable(),
})
const counts = z.record(z.string(), z.number())

/** What is shown of all that is kept. */
export const listsCalls = (call: Call) => ({
  async getMessage(id: string, tenantId: string | undefined, withRaw: boolean) {
    const args = { wanted: id, tenant: tenantId, with_raw: withRaw }
    return timeline.nullable().parse(await call('get_message', args))
  },

  async listMessages(filter: MessageFilter): Promise<ShownMessage[]> {
    return z.array(shownMessage).parse(
      await call('newest_messages', {
        tenant: filter.tenantId,
        lead: filter.leadId,
        address: filter.to,
        with_status: filter.status,
        on_channel: filter.channel,
        before_time: filter.before?.createdAt,
        before_id: filter.before?.id,
        at_most: filter.limit,
      }),
    )
  },

  async listDeadLetters(
    filter: Pick<MessageFilter, 'tenantId' | 'before' | 'limit'>,
  ): Promise<ShownMessage[]> {
    return z.array(shownMessage).parse(
      await call('dead_letters', {
        tenant: filter.tenantId,
        before_time: filter.before?.createdAt,
        before_id: filter.before?.id,
        at_most: filter.limit,
      }),
    )
  },

  async listEvents(filter: EventFilter) {
    return z.array(shownEvent).parse(
      await call('list_events', {
        tenant: filter.tenantId,
        unmatched: filter.unmatched,
        with_raw: filter.withRaw ?? false,
        before_id: filter.beforeId,
        at_most: filter.limit,
      }),
    )
  },

  async listQuarantined(filter: { beforeId?: number | undefined; limit: number }) {
    const args = { before_id: filter.beforeId, at_most: filter.limit }
    return z.array(shownQuarantined).parse(await call('list_quarantined', args))
  },

  async messageStats(filter: StatsFilter): Promise<Record<string, number>> {
    return counts.parse(
      await call('message_stats', {
        tenant: filter.tenantId,
        on_channel: filter.channel,
        since: filter.from,
        until: filter.to,
      }),
    )
  },
})
