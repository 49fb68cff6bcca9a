import type { Item, ItemReader, Webhook, WebhookRequest } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { contentId } from '#src/model/json.ts'
import { sendgridEvent } from './event.ts'
import { signatureCheck } from './signature.ts'

/**
 * SendGrid's Event Webhook: batches of events, each with `sg_event_id`, signed with ECDSA over timestamp and bytes.
 *
 * *Returns* 200 when the batch is kept; anything else makes SendGrid repeat the whole batch for 24 hours. The parts
 * arrive out of order, and several times.
 *
 * *Usage*: Settings > Mail Settings > Event Webhook: the URL `<BASE_URL>/webhooks/sendgrid`, all events, Signed Event
 * Webhook on; its Verification Key is SENDGRID_WEBHOOK_SECRET (a comma-separated list while it is being changed).
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
 */
export function sendgridWebhook(secret: string, transactionalGroups: readonly string[] = []): Webhook {
  const reader = sendgridReader(transactionalGroups)
  return { verify: signatureCheck(secret), ...reader, answer: () => ({ status: 200 }) }
}

/** What it tells, read. */
export function sendgridReader(transactionalGroups: readonly string[]): ItemReader {
  const groups = new Set(transactionalGroups)
  return { items, event: (item) => sendgridEvent(item, groups) }
}

function items(request: WebhookRequest): Item[] {
  return elements(request.body).map((raw) => ({ id: itemId(raw), raw, receivedAt: request.receivedAt }))
}

function elements(body: Buffer): unknown[] {
  let batch: unknown
  try {
    batch = JSON.parse(body.toString())
  } catch {
    throw new UnreadableItem('sendgrid: the body is not JSON')
  }
  if (!Array.isArray(batch)) throw new UnreadableItem('sendgrid: the body is not a JSON array')
  return batch
}

function itemId(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null && 'sg_event_id' in raw ? raw.sg_event_id : undefined
  return typeof id === 'string' && id !== '' ? id : contentId(raw)
}
