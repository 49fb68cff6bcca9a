import { z } from 'zod'
import type { MessageEvent } from '../event.ts'
import type { Channel, OutgoingMessage } from '../message.ts'
import type { Database, Json } from './database.ts'
import { type BatchRows, batchRows } from './rows.ts'

/** An event as it is kept: with the request that told it. */
export interface TimedEvent {
  event: MessageEvent
  requestId: string | undefined
}

/** How an attempt to send ended. */
export interface Outcome {
  messageId: string
  attempt: number
  /** `exhausted`: given up by us, though the provider never said no. */
  outcome: 'accepted' | 'refused' | 'retryable' | 'exhausted' | 'unknown'
  provider: string
  providerMessageId?: string | undefined
  sender?: string | undefined
  errorCode?: string | undefined
  errorMessage?: string | undefined
  warnings?: string[] | undefined
  nextAttemptAt?: Date | undefined
  /** When the provider is to be asked what became of it. */
  checkAt?: Date | undefined
}

/** Authentic bytes that could not be read. */
export interface Quarantined {
  provider: string
  /** The item's own id; undefined: the bytes are a whole body. */
  eventId?: string | undefined
  bytes: Buffer
  reason: string
  requestId: string | undefined
  receivedAt: Date
}

export interface Batch {
  events: TimedEvent[]
  outcomes: Outcome[]
  quarantined: Quarantined[]
}

export interface NewMessage {
  message: OutgoingMessage
  provider: string
  sender: string | undefined
  leadId: string | undefined
  parentType: string | undefined
  parentId: string | undefined
  metadata: Json | undefined
  warnings: string[]
  requestId: string | undefined
  sendAt: Date | undefined
  expiresAt: Date | undefined
}

/** A row as SQL gives it: snake_case columns, times in ISO 8601. */
export type Row = Record<string, Json | undefined>

export interface MessageFilter {
  tenantId?: string | undefined
  leadId?: string | undefined
  to?: string | undefined
  status?: string | undefined
  channel?: Channel | undefined
  before?: { createdAt: string; id: string } | undefined
  limit: number
}

const row = z.record(z.string(), z.json())
const rows = z.array(row)
const reserved = z.object({
  outcome: z.enum(['reserved', 'scheduled', 'repeat', 'conflict', 'limited']),
  message: row.optional(),
})
const recorded = z.object({
  recorded: z.number(),
  repeated: z.number(),
  parked: z.number(),
  quarantined: z.number(),
  stamped: z.array(z.object({ message_id: z.string(), facts: z.array(z.string()) })),
})
const detailed = z.object({ message: row, events: rows, attempts: rows }).nullable()
const cancelled = z.object({ outcome: z.enum(['cancelled', 'too_late', 'missing']), message: row.optional() })
const replayed = z.object({ outcome: z.enum(['replayed', 'not_dead', 'missing']), message: row.optional() })
const version = z.object({ version: z.number().nullable(), functions: z.string().nullable() })

const keptItem = z.object({
  id: z.number(),
  provider: z.string(),
  event_id: z.string(),
  received_at: z.string(),
  request_id: z.string().nullable(),
  raw: z.json().nullable(),
  raw_text: z.string().nullable(),
})
const unreadItem = keptItem
  .omit({ raw: true, raw_text: true })
  .extend({ event_id: z.string().nullable(), bytes: z.string() })
const rewritten = z.object({
  changed: z.array(z.object({ provider: z.string(), event_id: z.string(), before: row, after: row })),
  messages: z.number(),
})

export type KeptItem = z.infer<typeof keptItem>
export type UnreadItem = z.infer<typeof unreadItem>
export type Rewritten = z.infer<typeof rewritten>
/** Which items replay reads: those after an id, oldest first. */
export interface ItemFilter {
  provider?: string | undefined
  since: Date
  afterId: number
  limit: number
}
export type Recorded = z.infer<typeof recorded>
export type Reservation = z.infer<typeof reserved>
export type Store = ReturnType<typeof createStore>

/** Everything the house asks of its memory. Only this file names SQL functions; each promises what its comment says. */
export function createStore(database: Database) {
  const call = (name: string, args: Record<string, Json>) => database.call(name, args)
  return {
    name: database.name,
    close: () => database.close(),

    async schemaVersion() {
      return version.parse(await call('schema_version', {}))
    },

    async reserveMessage(
      wanted: NewMessage,
      options: {
        idempotency: { key: string; requestHash: string } | undefined
        limits: { hour: number | undefined; recipientDay: number | undefined }
        owner: string
        leaseSeconds: number
        now?: Date
      },
    ): Promise<Reservation> {
      return reserved.parse(
        await call('reserve_message', {
          message: messageRow(wanted),
          idempotency: options.idempotency ?? null,
          limits: { hour: options.limits.hour ?? null, recipientDay: options.limits.recipientDay ?? null },
          owner: options.owner,
          lease_seconds: options.leaseSeconds,
          as_of: options.now?.toISOString() ?? null,
        }),
      )
    },

    /** A batch as its rows: what the spool keeps is recorded as it is. */
    async recordRows({ events, outcomes, quarantined }: BatchRows): Promise<Recorded> {
      return recorded.parse(await call('record_events', { events, outcomes, quarantined }))
    },

    async recordEvents(batch: Batch): Promise<Recorded> {
      return this.recordRows(batchRows(batch))
    },

    async getMessage(id: string, tenantId: string | undefined, withRaw: boolean) {
      return detailed.parse(
        await call('get_message', { wanted: id, tenant: tenantId ?? null, with_raw: withRaw }),
      )
    },

    async listMessages(filter: MessageFilter): Promise<Row[]> {
      return rows.parse(
        await call('list_messages', {
          tenant: filter.tenantId ?? null,
          lead: filter.leadId ?? null,
          address: filter.to ?? null,
          with_status: filter.status ?? null,
          on_channel: filter.channel ?? null,
          before_time: filter.before?.createdAt ?? null,
          before_id: filter.before?.id ?? null,
          at_most: filter.limit,
        }),
      )
    },

    async listEvents(filter: {
      tenantId?: string | undefined
      unmatched: boolean
      beforeId?: number | undefined
      limit: number
    }): Promise<Row[]> {
      return rows.parse(
        await call('list_events', {
          tenant: filter.tenantId ?? null,
          unmatched: filter.unmatched,
          before_id: filter.beforeId ?? null,
          at_most: filter.limit,
        }),
      )
    },

    async listQuarantined(filter: { beforeId?: number | undefined; limit: number }): Promise<Row[]> {
      return rows.parse(
        await call('list_quarantined', { before_id: filter.beforeId ?? null, at_most: filter.limit }),
      )
    },

    async messageStats(filter: {
      tenantId?: string | undefined
      channel?: Channel | undefined
      from: Date
      to: Date
    }): Promise<Record<string, number>> {
      const counts = await call('message_stats', {
        tenant: filter.tenantId ?? null,
        on_channel: filter.channel ?? null,
        since: filter.from.toISOString(),
        until: filter.to.toISOString(),
      })
      return z.record(z.string(), z.number()).parse(counts)
    },

    async cancelMessage(id: string, tenantId: string | undefined) {
      return cancelled.parse(
        await call('cancel_message', { wanted: id, tenant: tenantId ?? null, as_of: null }),
      )
    },

    async claimDue(options: {
      owner: string
      leaseSeconds: number
      repeatSeconds: number
      limit: number
      now?: Date
    }): Promise<Row[]> {
      return rows.parse(
        await call('claim_due', {
          owner: options.owner,
          lease_seconds: options.leaseSeconds,
          repeat_seconds: options.repeatSeconds,
          at_most: options.limit,
          as_of: options.now?.toISOString() ?? null,
        }),
      )
    },

    async scheduleUnknown(ids: string[], at: { attempt?: Date | undefined; check?: Date | undefined }) {
      await call('schedule_unknown', {
        ids,
        attempt_at: at.attempt?.toISOString() ?? null,
        look_up_at: at.check?.toISOString() ?? null,
      })
    },

    async claimChecks(options: { limit: number; firstPauseSeconds: number; now?: Date }): Promise<Row[]> {
      return rows.parse(
        await call('claim_checks', {
          at_most: options.limit,
          first_pause_seconds: options.firstPauseSeconds,
          as_of: options.now?.toISOString() ?? null,
        }),
      )
    },

    async lastInbound(provider: string): Promise<Date | undefined> {
      const last = z
        .string()
        .nullable()
        .parse(await call('last_inbound', { told_by: provider }))
      return last === null ? undefined : new Date(last)
    },

    async listDeadLetters(filter: Pick<MessageFilter, 'tenantId' | 'before' | 'limit'>): Promise<Row[]> {
      return rows.parse(
        await call('list_dead_letters', {
          tenant: filter.tenantId ?? null,
          before_time: filter.before?.createdAt ?? null,
          before_id: filter.before?.id ?? null,
          at_most: filter.limit,
        }),
      )
    },

    async replayDeadLetter(id: string, tenantId: string | undefined, now?: Date) {
      return replayed.parse(
        await call('replay_dead_letter', {
          wanted: id,
          tenant: tenantId ?? null,
          as_of: now?.toISOString() ?? null,
        }),
      )
    },

    async listKeptItems(filter: ItemFilter): Promise<KeptItem[]> {
      return z.array(keptItem).parse(await call('list_kept_items', itemFilter(filter)))
    },

    async listUnreadItems(filter: ItemFilter): Promise<UnreadItem[]> {
      return z.array(unreadItem).parse(await call('list_unread_items', itemFilter(filter)))
    },

    async markReplayed(ids: number[], now: Date): Promise<void> {
      await call('mark_replayed', { ids, as_of: now.toISOString() })
    },

    async rewriteEvents(events: BatchRows['events'], options: { dryRun: boolean }): Promise<Rewritten> {
      return rewritten.parse(await call('rewrite_events', { events, dry_run: options.dryRun }))
    },

    async matchParkedEvents(now?: Date): Promise<number> {
      const answer = await call('match_parked_events', { as_of: now?.toISOString() ?? null })
      return z.object({ matched: z.number() }).parse(answer).matched
    },

    async endExpiredAttempts(now?: Date): Promise<{ id: string; provider: string }[]> {
      const answer = await call('end_expired_attempts', { as_of: now?.toISOString() ?? null })
      return z.object({ expired: z.array(z.object({ id: z.string(), provider: z.string() })) }).parse(answer)
        .expired
    },
  }
}

function itemFilter(filter: ItemFilter): Record<string, Json> {
  return {
    told_by: filter.provider ?? null,
    since: filter.since.toISOString(),
    after_id: filter.afterId,
    at_most: filter.limit,
  }
}

function messageRow(wanted: NewMessage): Json {
  const { message } = wanted
  return {
    id: message.id,
    tenant_id: message.tenantId,
    channel: message.channel,
    provider: wanted.provider,
    recipient: message.channel === 'email' ? message.to.toLowerCase() : message.to,
    sender: wanted.sender,
    lead_id: wanted.leadId,
    parent_type: wanted.parentType,
    parent_id: wanted.parentId,
    subject: message.channel === 'email' ? message.subject : undefined,
    text: message.channel === 'email' ? (message.text ?? message.html) : message.body,
    metadata: wanted.metadata,
    warnings: wanted.warnings,
    request_id: wanted.requestId,
    payload: JSON.parse(JSON.stringify(message)),
    send_at: wanted.sendAt?.toISOString(),
    expires_at: wanted.expiresAt?.toISOString(),
  }
}
