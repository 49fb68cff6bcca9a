import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Item, ItemReader, Webhook, WebhookRequest } from '#src/contract/provider.ts'
import { sameBytes } from '#src/contract/signature.ts'
import { NotProven, UnreadableItem } from '#src/model/errors.ts'
import { type EventType, providerEvent } from '#src/model/event.ts'
import { contentId } from '#src/model/json.ts'

const types = new Map<string, EventType>([
  ['delivered', 'delivered'],
  ['bounced', 'bounced'],
  ['opened', 'opened'],
])

const text = z.string().nullish().catch(undefined)
const reported = z.object({
  event: z.string().min(1),
  at: text,
  message: text,
  reference: text,
  to: text,
  reason: text,
})

/**
 * Postmule's webhook: a JSON array of events, signed with an HMAC over the bytes.
 *
 * *Returns* 200 when the batch is kept; anything else is repeated.
 *
 * *Usage*: Settings > Webhooks: the URL `<BASE_URL>/webhooks/postmule`; its secret is POSTMULE_WEBHOOK_SECRET (a
 * comma-separated list while it is being changed).
 */
export function postmuleWebhook(keys: readonly string[]): Webhook {
  return {
    verify: (request) => verify(request, keys),
    ...postmuleReader,
    answer: () => ({ status: 200 }),
  }
}

/** What it tells, read. */
export const postmuleReader: ItemReader = {
  items,
  event: (item) => providerEvent('postmule', item, reading(item)),
}

function verify({ headers, body }: WebhookRequest, keys: readonly string[]): void {
  const given = Buffer.from(headers['postmule-signature'] ?? '')
  const proven = keys.some((key) =>
    sameBytes(given, Buffer.from(createHmac('sha256', key).update(body).digest('hex'))),
  )
  if (!proven) throw new NotProven('postmule: wrong signature (check POSTMULE_WEBHOOK_SECRET)')
}

function items({ body, receivedAt }: WebhookRequest): Item[] {
  let batch: unknown
  try {
    batch = JSON.parse(body.toString())
  } catch {
    throw new UnreadableItem('postmule: the body is not JSON')
  }
  if (!Array.isArray(batch)) throw new UnreadableItem('postmule: the body is not a JSON array')
  return batch.map((raw: unknown) => ({ id: identity(raw), raw, receivedAt }))
}

/** Postmule gives its events no id: message, kind and time tell them apart. */
function identity(raw: unknown): string {
  const { data } = reported.safeParse(raw)
  return data?.message && data.at ? `${data.message}:${data.event}:${data.at}` : contentId(raw)
}

function reading(item: Item) {
  const { success, data } = reported.safeParse(item.raw)
  if (!success) throw new UnreadableItem('postmule: the item is not an object with an event')
  const type = types.get(data.event) ?? 'unknown'
  return {
    type,
    providerType: data.event,
    channel: 'email' as const,
    occurredAt: data.at ? new Date(data.at) : undefined,
    messageId: data.reference ?? undefined,
    providerMessageId: data.message ?? undefined,
    recipient: data.to ?? undefined,
    reason: data.reason ?? undefined,
    bounceClass: type === 'bounced' ? ('hard' as const) : undefined,
  }
}
