import type { KeptItem, Recorded, Reservation, Rewritten, UnreadItem } from './answers.ts'
import * as answers from './answers.ts'
import { type Arguments, sqlArguments } from './call.ts'
import type { Database } from './database.ts'
import type {
  Batch,
  Claim,
  EventFilter,
  ItemFilter,
  MessageFilter,
  NewMessage,
  ReservationOptions,
  Row,
  StatsFilter,
} from './kept.ts'
import { type BatchRows, batchRows, messageRow } from './rows.ts'

export type Store = ReturnType<typeof createStore>

/** Everything the house asks of its memory. Only this file names SQL functions; each promises what its comment says. */
export function createStore(database: Database) {
  const call = (name: string, args: Arguments) => database.call(name, sqlArguments(args))
  return {
    name: database.name,
    close: () => database.close(),

    async schemaVersion() {
      return answers.version.parse(await call('schema_version', {}))
    },

    async reserveMessage(wanted: NewMessage, options: ReservationOptions): Promise<Reservation> {
      return answers.reserved.parse(
        await call('reserve_message', {
          message: messageRow(wanted),
          idempotency: options.idempotency,
          limits: { hour: options.limits.hour, recipientDay: options.limits.recipientDay },
          owner: options.owner,
          lease_seconds: options.leaseSeconds,
          as_of: options.now,
        }),
      )
    },

    /** Undoes a reservation whose answer was lost; how many there were: none may mean not yet. */
    async abandonReservation(id: string, tenantId: string, key: string | undefined): Promise<number> {
      const args = { wanted: id, tenant: tenantId, idempotency_key: key }
      return answers.count.parse(await call('abandon_reservation', args))
    },

    async settleUnknown(id: string, tenantId: string | undefined, batch: Pick<Batch, 'events' | 'outcomes'>) {
      const { events, outcomes } = batchRows(batch)
      const args = { wanted: id, tenant: tenantId, told: events, outcome: outcomes[0] }
      return answers.settled.parse(await call('settle_unknown', args))
    },

    /** A batch as its rows: what the spool keeps is recorded as it is. */
    async recordRows({ events, outcomes, quarantined }: BatchRows): Promise<Recorded> {
      return answers.recorded.parse(await call('record_events', { events, outcomes, quarantined }))
    },

    async recordEvents(batch: Batch): Promise<Recorded> {
      return this.recordRows(batchRows(batch))
    },

    async getMessage(id: string, tenantId: string | undefined, withRaw: boolean) {
      const args = { wanted: id, tenant: tenantId, with_raw: withRaw }
      return answers.detailed.parse(await call('get_message', args))
    },

    async listMessages(filter: MessageFilter): Promise<Row[]> {
      return answers.rows.parse(
        await call('list_messages', {
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

    async listEvents(filter: EventFilter): Promise<Row[]> {
      return answers.rows.parse(
        await call('list_events', {
          tenant: filter.tenantId,
          unmatched: filter.unmatched,
          with_raw: filter.withRaw ?? false,
          before_id: filter.beforeId,
          at_most: filter.limit,
        }),
      )
    },

    async listQuarantined(filter: { beforeId?: number | undefined; limit: number }): Promise<Row[]> {
      const args = { before_id: filter.beforeId, at_most: filter.limit }
      return answers.rows.parse(await call('list_quarantined', args))
    },

    async messageStats(filter: StatsFilter): Promise<Record<string, number>> {
      return answers.counts.parse(
        await call('message_stats', {
          tenant: filter.tenantId,
          on_channel: filter.channel,
          since: filter.from,
          until: filter.to,
        }),
      )
    },

    async cancelMessage(id: string, tenantId: string | undefined) {
      const args = { wanted: id, tenant: tenantId, as_of: null }
      return answers.cancelled.parse(await call('cancel_message', args))
    },

    async claimDue(options: Claim): Promise<Row[]> {
      return answers.rows.parse(
        await call('claim_due', {
          owner: options.owner,
          lease_seconds: options.leaseSeconds,
          repeat_seconds: options.repeatSeconds,
          at_most: options.limit,
          busy: options.busy ?? [],
          as_of: options.now,
        }),
      )
    },

    async claimChecks(options: { limit: number; firstPauseSeconds: number; now?: Date }): Promise<Row[]> {
      return answers.rows.parse(
        await call('claim_checks', {
          at_most: options.limit,
          first_pause_seconds: options.firstPauseSeconds,
          as_of: options.now,
        }),
      )
    },

    async lastInbound(provider: string): Promise<Date | undefined> {
      return answers.time.parse(await call('last_inbound', { told_by: provider }))
    },

    async listDeadLetters(filter: Pick<MessageFilter, 'tenantId' | 'before' | 'limit'>): Promise<Row[]> {
      return answers.rows.parse(
        await call('list_dead_letters', {
          tenant: filter.tenantId,
          before_time: filter.before?.createdAt,
          before_id: filter.before?.id,
          at_most: filter.limit,
        }),
      )
    },

    async replayDeadLetter(id: string, tenantId: string | undefined, now?: Date) {
      return answers.revived.parse(
        await call('replay_dead_letter', {
          wanted: id,
          tenant: tenantId,
          as_of: now,
        }),
      )
    },

    async listKeptItems(filter: ItemFilter): Promise<KeptItem[]> {
      return answers.keptItems.parse(await call('list_kept_items', itemsOf(filter)))
    },

    async listUnreadItems(filter: ItemFilter): Promise<UnreadItem[]> {
      return answers.unreadItems.parse(await call('list_unread_items', itemsOf(filter)))
    },

    async markReplayed(ids: number[], now: Date): Promise<void> {
      await call('mark_replayed', { ids, as_of: now })
    },

    async rewriteEvents(events: BatchRows['events'], options: { dryRun: boolean }): Promise<Rewritten> {
      return answers.rewritten.parse(await call('rewrite_events', { events, dry_run: options.dryRun }))
    },

    async matchParkedEvents(now?: Date, withinSeconds = 86_400): Promise<number> {
      return answers.matched.parse(
        await call('match_parked_events', { within_seconds: withinSeconds, as_of: now }),
      ).matched
    },

    async endExpiredAttempts(
      now?: Date,
      providers: { repeaters: string[]; finders: string[] } = { repeaters: [], finders: [] },
    ): Promise<{ id: string; provider: string }[]> {
      return answers.expired.parse(await call('end_expired_attempts', { ...providers, as_of: now })).expired
    },
  }
}

function itemsOf({ provider, since, afterId, limit }: ItemFilter) {
  return { told_by: provider, since, after_id: afterId, at_most: limit }
}
