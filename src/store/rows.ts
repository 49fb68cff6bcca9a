import { createHash } from 'node:crypto'
import { z } from 'zod'
import { UnreadableItem } from '#src/model/errors.ts'
import type { Inbound, MessageEvent } from '#src/model/event.ts'
import type { Json } from '#src/model/json.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import { personNumber } from '#src/model/number-plans.ts'
import type { Batch, Outcome, Quarantined, TimedEvent } from './kept.ts'
import { clean, storable } from './storable.ts'

type JsonObject = { [key: string]: Json | undefined }

/** A field as its column is called. */
type ColumnOf<Field extends string> = Field extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${ColumnOf<Rest>}`
  : Field

/** Every field of an event, and what goes beside them: a row has all of these, and nothing else. */
export type EventColumn = ColumnOf<keyof MessageEvent> | 'request_id' | 'raw_text' | 'alias_of'
type InboundRow = Record<ColumnOf<keyof Inbound>, Json | undefined>

/** What we read ourselves of an event's row, in our memory or from the spool; the rest is for SQL. */
export const eventColumns = z.object({
  provider: z.string(),
  event_id: z.string(),
  occurred_at: z.string(),
  received_at: z.string(),
  request_id: z.string().optional(),
  raw: z.custom<Json>().optional(),
  raw_text: z.string().optional(),
  provider_state: z.object({ open: z.boolean() }).optional(),
})
export type EventRow = JsonObject & z.infer<typeof eventColumns>

export const quarantineColumns = z.object({ bytes: z.string() })
type QuarantineRow = JsonObject & z.infer<typeof quarantineColumns>

/** A batch as record_events takes it, and as the spool keeps it. */
export interface BatchRows {
  events: EventRow[]
  outcomes: JsonObject[]
  quarantined: QuarantineRow[]
}

/** A batch as rows; an event that jsonb cannot hold at all becomes a quarantined one. */
export function batchRows(batch: Partial<Batch>): BatchRows {
  const rows: BatchRows = {
    events: [],
    outcomes: (batch.outcomes ?? []).map(outcomeRow),
    quarantined: (batch.quarantined ?? []).map(quarantineRow),
  }
  for (const timed of batch.events ?? []) {
    try {
      rows.events.push(eventRow(timed))
    } catch (error) {
      if (!(error instanceof UnreadableItem)) throw error
      rows.quarantined.push(quarantineRow(unreadable(timed, error.message)))
    }
  }
  return rows
}

function unreadable({ event, requestId }: TimedEvent, reason: string): Quarantined {
  const bytes = Buffer.from(JSON.stringify(event.raw) ?? 'null')
  const { provider, eventId, receivedAt } = event
  return { provider, eventId, bytes, reason, requestId, receivedAt }
}

/** A kept event's row as a quarantined one: for the one that the database refuses. */
export function quarantinedEvent(row: EventRow, reason: string): QuarantineRow {
  return quarantineRow({
    provider: row.provider,
    eventId: row.event_id,
    bytes: Buffer.from(row.raw_text ?? JSON.stringify(row.raw ?? null)),
    reason,
    requestId: row.request_id,
    receivedAt: new Date(row.received_at),
  })
}

/**
 * An event as record_events takes it. Throws UnreadableItem where it cannot be kept as jsonb at all.
 * An inbound event's message has no id yet. Its id is derived from the event's own, so that a repeat names the same one.
 */
export function eventRow({ event, requestId }: TimedEvent) {
  const raw = storable(event.raw)
  return {
    provider: event.provider,
    event_id: event.eventId,
    type: event.type,
    provider_type: clean(event.providerType),
    channel: event.channel,
    message_id: event.inbound ? inboundMessageId(event) : event.messageId,
    provider_message_id: event.providerMessageId && clean(event.providerMessageId),
    recipient: event.recipient && recipient(event),
    reason: event.reason && clean(event.reason),
    code: event.code && clean(event.code),
    bounce_class: event.bounceClass,
    url: event.url && clean(event.url),
    // Left out where it is false, as it nearly always is: the database goes through a row again for each field that it has.
    machine: event.machine || undefined,
    guess: event.guess || undefined,
    source: event.source,
    occurred_at: event.occurredAt.toISOString(),
    received_at: event.receivedAt.toISOString(),
    request_id: requestId,
    raw: raw.value,
    raw_text: raw.exact,
    inbound: event.inbound && inboundRow(event.inbound),
    consent: event.consent,
    provider_state: event.providerState && { ...event.providerState },
    alias: event.alias && clean(event.alias.name),
    via: event.via && clean(event.via),
    alias_of: event.alias?.address && personNumber(event.alias.address),
  } satisfies Record<EventColumn, Json | undefined>
}

/** Email addresses are compared as they travel, without regard to case, and numbers as one person's: they are kept in that form. */
function recipient({ channel, recipient = '' }: MessageEvent): string {
  return channel === 'email' ? keptAddress(clean(recipient)) : personNumber(clean(recipient))
}

function inboundRow(inbound: Inbound): InboundRow {
  return {
    sender: personNumber(clean(inbound.sender)),
    recipient: personNumber(clean(inbound.recipient)),
    text: inbound.text && clean(inbound.text),
    button_payload: inbound.buttonPayload && clean(inbound.buttonPayload),
    media: inbound.media ? storable(inbound.media).value : null,
    replied_to: inbound.repliedTo && clean(inbound.repliedTo),
  }
}

export function outcomeRow(outcome: Outcome): JsonObject {
  return {
    message_id: outcome.messageId,
    attempt: outcome.attempt,
    outcome: outcome.outcome,
    provider: outcome.provider,
    provider_message_id: outcome.providerMessageId,
    sender: outcome.sender && personNumber(outcome.sender),
    error_code: outcome.errorCode && clean(outcome.errorCode),
    error_message: outcome.errorMessage && clean(outcome.errorMessage),
    warnings: outcome.warnings,
    ...ahead('next_attempt', outcome.nextAttemptAt, outcome.at),
    ...ahead('check', outcome.checkAt, outcome.at),
    owner: outcome.owner,
    reached: outcome.reached?.length ? [...outcome.reached] : undefined,
    settled_as: outcome.settledAs,
  }
}

/** A time to come: as far ahead as it is, of whose clock nothing is known, or as it is where there is no `at`. */
function ahead(what: 'next_attempt' | 'check', time: Date | undefined, at: Date | undefined): JsonObject {
  if (!time) return {}
  return at
    ? { [`${what}_seconds`]: Math.max(time.getTime() - at.getTime(), 0) / 1_000 }
    : { [`${what}_at`]: time.toISOString() }
}

function quarantineRow(item: Quarantined): QuarantineRow {
  return {
    provider: item.provider,
    digest: createHash('sha256').update(item.bytes).digest('hex'),
    event_id: item.eventId && clean(item.eventId),
    reason: clean(item.reason),
    bytes: item.bytes.toString('base64'),
    request_id: item.requestId,
    received_at: item.receivedAt.toISOString(),
  }
}

/** A uuid that an inbound event always gets again: its message is created once, however often it is told. */
function inboundMessageId(event: MessageEvent): string {
  const digest = createHash('sha256').update(`${event.provider}\n${event.eventId}`).digest('hex')
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}
