import type { Item, ItemReader, Webhook, WebhookRequest } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { resendEvent } from './event.ts'
import { signatureCheck } from './signature.ts'

/**
 * Resend's webhooks: one event a request, named by `svix-id` (the same on each retry), signed with an HMAC over id,
 * time and bytes.
 *
 * *Returns* 200 when the event is kept; anything else is retried eight times over 28 hours, and then the endpoint is
 * switched off for every event until somebody switches it on again.
 *
 * *Usage*: Webhooks > Add Webhook: the URL `<BASE_URL>/webhooks/resend`, all `email.*` events; its Signing Secret
 * (whsec_…) is RESEND_WEBHOOK_SECRET (a comma-separated list while it is being rotated).
 * https://resend.com/docs/webhooks/introduction
 */
export function resendWebhook(secret: string): Webhook {
  return { verify: signatureCheck(secret), ...resendReader, answer: () => ({ status: 200 }) }
}

/** What it tells, read. */
export const resendReader: ItemReader = { items, event: resendEvent }

function items(request: WebhookRequest): Item[] {
  const id = request.headers['svix-id']
  if (id === undefined) throw new UnreadableItem('resend: the request has no svix-id')
  try {
    return [{ id, raw: JSON.parse(request.body.toString()), receivedAt: request.receivedAt }]
  } catch {
    throw new UnreadableItem('resend: the body is not JSON')
  }
}
