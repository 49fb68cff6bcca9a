import { z } from 'zod'
import type { Item, ItemReader, Webhook, WebhookRequest } from '#src/contract/provider.ts'
import { sameBytes } from '#src/contract/signature.ts'
import { NotProven, UnreadableItem } from '#src/model/errors.ts'
import { type EventReading, providerEvent } from '#src/model/event.ts'
import { contentId } from '#src/model/json.ts'

const header = 'x-telegram-bot-api-secret-token'

const identified = z.object({ update_id: z.int() })
const update = z.object({
  message: z
    .object({
      message_id: z.int(),
      chat: z.object({ id: z.int() }),
      date: z.number().nullish(),
      text: z.string().nullish(),
      reply_to_message: z.object({ message_id: z.int() }).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
})

/**
 * Telegram's webhook: one update a request, with a static secret in a header.
 *
 * *Returns* 200 when the update is kept; anything else is repeated.
 *
 * *Usage*: `setWebhook` of the Bot API with the URL `<BASE_URL>/webhooks/telegram` and, as `secret_token`,
 * TELEGRAM_WEBHOOK_SECRET (a comma-separated list while it is being changed).
 */
export function telegramWebhook(keys: readonly string[]): Webhook {
  return {
    verify: (request) => verify(request, keys),
    ...telegramReader,
    answer: () => ({ status: 200 }),
  }
}

/** What it tells, read. */
export const telegramReader: ItemReader = {
  items,
  event: (item) => providerEvent('telegram', item, reading(item)),
}

function verify({ headers }: WebhookRequest, keys: readonly string[]): void {
  const given = Buffer.from(headers[header] ?? '')
  if (!keys.some((key) => sameBytes(given, Buffer.from(key))))
    throw new NotProven('telegram: wrong secret (check TELEGRAM_WEBHOOK_SECRET)')
}

function items({ body, receivedAt }: WebhookRequest): Item[] {
  let raw: unknown
  try {
    raw = JSON.parse(body.toString())
  } catch {
    throw new UnreadableItem('telegram: the body is not JSON')
  }
  const { data } = identified.safeParse(raw)
  return [{ id: data ? `update:${data.update_id}` : contentId(raw), raw, receivedAt }]
}

function reading(item: Item): EventReading {
  const { success, data } = update.safeParse(item.raw)
  if (!success) throw new UnreadableItem('telegram: the item is not an object')
  const { message } = data
  // A kind that we do not know, such as a reaction: kept whole.
  if (!message) return { type: 'unknown', providerType: 'update', channel: 'telegram' }
  const chat = String(message.chat.id)
  const answered = message.reply_to_message?.message_id
  return {
    type: 'received',
    providerType: 'message',
    channel: 'telegram',
    occurredAt: message.date ? new Date(message.date * 1_000) : undefined,
    providerMessageId: `${chat}:${message.message_id}`,
    inbound: {
      sender: chat,
      recipient: 'telegram',
      text: message.text ?? undefined,
      repliedTo: answered === undefined ? undefined : `${chat}:${answered}`,
    },
  }
}
