import { z } from 'zod'
import type { Item } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import {
  type BounceClass,
  type EventReading,
  type EventType,
  type MessageEvent,
  providerEvent,
} from '#src/model/event.ts'
import { readBy } from '#src/model/machine.ts'
import { recipientOf } from './recipient.ts'
import { suppressedReading } from './suppressions.ts'

const types = new Map<string, EventType>([
  ['email.sent', 'sent'],
  ['email.scheduled', 'queued'],
  ['email.delivered', 'delivered'],
  ['email.delivery_delayed', 'deferred'],
  ['email.bounced', 'bounced'],
  ['email.complained', 'complained'],
  ['email.opened', 'opened'],
  ['email.clicked', 'clicked'],
  ['email.failed', 'failed'],
  ['email.suppressed', 'rejected'],
])

/** Bounces that say nothing of the address, whatever their type. */
const subTypes = new Map<string, BounceClass>([
  ['suppressed', 'blocked'],
  ['contentrejected', 'blocked'],
  ['attachmentrejected', 'blocked'],
  ['mailboxfull', 'soft'],
  ['messagetoolarge', 'soft'],
])

// A field that we cannot use is absent, and never a reason to refuse the event.
const text = z.string().nullish().catch(undefined)
const texts = z
  .union([z.array(z.string()), z.string().transform((one) => [one])])
  .nullish()
  .catch(undefined)
const tags = z
  .union([
    z.record(z.string(), z.unknown()),
    z.array(z.object({ name: z.string(), value: z.unknown() })).transform(byName),
  ])
  .nullish()
  .catch(undefined)

const reported = z.object({
  type: z.string().min(1),
  created_at: text,
  data: z
    .object({
      email_id: text,
      from: text,
      to: texts,
      cc: texts,
      bcc: texts,
      tags,
      bounce: z
        .object({ type: text, subType: text, message: text, diagnosticCode: texts })
        .nullish()
        .catch(undefined),
      click: z.object({ link: text, userAgent: text }).nullish().catch(undefined),
      // Told by no schema of theirs yet.
      open: z.object({ userAgent: text }).nullish().catch(undefined),
      failed: z.object({ reason: text }).nullish().catch(undefined),
      suppressed: z.object({ message: text, type: text, reason: text }).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
})
type ReportedData = NonNullable<z.infer<typeof reported>['data']>

/** One webhook as an event. */
export function resendEvent(item: Item): MessageEvent {
  return providerEvent('resend', item, readingOf(item.raw))
}

/** Our reading of one webhook. The outer `created_at` is the event's time, the inner one the message's. */
export function readingOf(raw: unknown): EventReading {
  const parsed = reported.safeParse(raw)
  if (!parsed.success) throw new UnreadableItem('resend: the item is not an object with a type')
  const { type: providerType, created_at, data } = parsed.data
  if (providerType === 'suppression.added') {
    const reading = suppressedReading(z.object({ data: z.unknown() }).parse(raw).data, providerType)
    if (reading) return reading
  }
  const type = types.get(providerType) ?? 'unknown'
  const messageId = data?.tags?.app_msg
  return {
    type,
    providerType,
    channel: 'email',
    occurredAt: created_at ? new Date(created_at) : undefined,
    messageId: typeof messageId === 'string' ? messageId : undefined,
    providerMessageId: data?.email_id || undefined,
    ...(data && { ...recipientOf(data, toldBy(data)), ...details(type, data) }),
  }
}

/** What may name somebody. */
function toldBy({ bounce, suppressed, failed }: ReportedData): (string | null | undefined)[] {
  return [...(bounce?.diagnosticCode ?? []), bounce?.message, suppressed?.message, failed?.reason]
}

function details(type: EventType, data: ReportedData): Partial<EventReading> {
  if (type === 'bounced') return bounced(data.bounce)
  if (type === 'clicked') return { url: data.click?.link || undefined, ...readBy(data.click?.userAgent) }
  if (type === 'opened') return readBy(data.open?.userAgent)
  if (type === 'failed') return { reason: data.failed?.reason || undefined }
  if (type !== 'rejected') return {}
  const suppressed = data.suppressed
  return {
    reason: suppressed?.message || undefined,
    code: suppressed?.reason || suppressed?.type || undefined,
  }
}

function bounced(bounce: ReportedData['bounce']): Partial<EventReading> {
  const diagnostic = bounce?.diagnosticCode?.join('; ')
  return {
    bounceClass:
      subTypes.get(bounce?.subType?.toLowerCase() ?? '') ?? (bounce?.type === 'Permanent' ? 'hard' : 'soft'),
    reason: diagnostic || bounce?.message || undefined,
    code: /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(diagnostic ?? '')?.[0] ?? (bounce?.subType || undefined),
  }
}

function byName(list: { name: string; value: unknown }[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ name, value }) => [name, value]))
}
