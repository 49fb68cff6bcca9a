import { randomUUID } from 'node:crypto'
import type { MessageEvent } from '#src/model/event.ts'
import type { Channel, OutgoingMessage } from '#src/model/message.ts'
import type { Recorded } from '#src/store/calls/events.ts'
import type { Batch, NewMessage, Outcome, TimedEvent } from '#src/store/kept.ts'
import type { ShownMessage } from '#src/store/shown.ts'
import type { Store } from '#src/store/store.ts'

/** The moment at which these tests' messages are made; events are so many seconds after it. */
export const start = new Date('2026-11-20T10:00:00.000Z')

export function at(seconds: number): Date {
  return new Date(start.getTime() + seconds * 1_000)
}

export const customer = '+33600000001'
export const address = 'customer@example.com'

/** An event as a provider tells it; unique unless `eventId` is given. */
export function event(fields: Partial<MessageEvent> = {}): MessageEvent {
  const type = fields.type ?? 'delivered'
  return {
    provider: 'twilio',
    eventId: randomUUID(),
    type,
    providerType: type,
    channel: 'whatsapp',
    source: 'webhook',
    occurredAt: at(10),
    receivedAt: fields.occurredAt ?? at(10),
    raw: { type },
    ...fields,
  }
}

/** That a person wants it sent again. */
export function revived(messageId: string): TimedEvent {
  const fields = { messageId, type: 'unknown', code: 'revived', source: 'person' } as const
  return { event: event(fields), requestId: undefined }
}

/** A message to reserve: WhatsApp by Twilio, or an email by SendGrid. */
export function newMessage(
  fields: Partial<NewMessage> & {
    channel?: Channel
    to?: string
    tenantId?: string
    /** Of an email. */
    cc?: string[]
    bcc?: string[]
  } = {},
) {
  const { channel = 'whatsapp', to, tenantId = 'acme', cc, bcc, ...others } = fields
  const base = { id: randomUUID(), tenantId, createdAt: start }
  const message: OutgoingMessage =
    channel === 'email'
      ? {
          ...base,
          channel,
          to: to ?? address,
          ...(cc && { cc }),
          ...(bcc && { bcc }),
          subject: 'Hello',
          text: 'Hi',
          tracking: { opens: false, clicks: false },
        }
      : { ...base, channel, to: to ?? customer, body: 'Hi' }
  const wanted: NewMessage = {
    message,
    provider: channel === 'email' ? 'sendgrid' : 'twilio',
    sender: channel === 'email' ? 'us@example.com' : '+33700000000',
    leadId: 'lead-1',
    parentType: undefined,
    parentId: undefined,
    metadata: undefined,
    warnings: [],
    requestId: 'request-1',
    sendAt: undefined,
    expiresAt: undefined,
    ...others,
  }
  return wanted
}

export const reserving = {
  idempotency: undefined,
  limits: { hour: undefined, recipientDay: undefined },
  owner: 'process-1',
  leaseSeconds: 60,
  now: start,
}

/** Reserves a message and gives its id. */
export async function reserve(store: Store, fields: Parameters<typeof newMessage>[0] = {}): Promise<string> {
  const wanted = newMessage(fields)
  await store.reserveMessage(wanted, reserving)
  return wanted.message.id
}

export function accepted(
  messageId: string,
  providerMessageId: string,
  fields: Partial<Outcome> = {},
): Outcome {
  return { messageId, attempt: 1, outcome: 'accepted', provider: 'twilio', providerMessageId, ...fields }
}

/** Records events and outcomes, and nothing else. */
export function record(store: Store, events: MessageEvent[], outcomes: Outcome[] = []): Promise<Recorded> {
  return store.recordEvents(batchOf(events, outcomes))
}

export function batchOf(events: MessageEvent[], outcomes: Outcome[] = []): Batch {
  return { events: events.map(timed), outcomes, quarantined: [] }
}

function timed(told: MessageEvent): TimedEvent {
  return { event: told, requestId: 'request-2' }
}

/** The message as callers see it, its events and its attempts; fails where it is missing. */
export async function timeline(store: Store, id: string) {
  const found = await store.getMessage(id, undefined, true)
  if (!found) throw new Error(`test: no message ${id}`)
  return found
}

export async function messageOf(store: Store, id: string): Promise<ShownMessage> {
  return (await timeline(store, id)).message
}
