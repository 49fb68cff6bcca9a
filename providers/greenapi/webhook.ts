import { createHash } from 'node:crypto'
import type { Item, ItemReader, Webhook, WebhookRequest } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { providerEvent } from '#src/model/event.ts'
import { idOf, type Reader, readingOf } from './event.ts'
import { verifyToken } from './token.ts'

/**
 * *Returns* Green-API's webhook: one notification a request, proven by a static token. The answer is always 200:
 * Green-API repeats anything else every minute and holds back all that follows for up to 24 hours
 * (https://github.com/green-api/issues/issues/833).
 *
 * *Usage*: `greenapiWebhook({ tokens: secrets(GREEN_API_WEBHOOK_TOKEN), instanceId, country: 'FR' })`
 */
export function greenapiWebhook({ tokens, ...reader }: Reader & { tokens: readonly string[] }): Webhook {
  return {
    verify: ({ headers }) => verifyToken(headers.authorization, tokens),
    ...greenapiReader(reader),
    answer: () => ({ status: 200 }),
  }
}

/** What it tells, read. */
export function greenapiReader(reader: Reader): ItemReader {
  return {
    items: (request) => [itemOf(request, reader.country)],
    event: (item) => providerEvent('greenapi', item, readingOf(item.raw, reader)),
  }
}

function itemOf({ body, receivedAt }: WebhookRequest, country: string): Item {
  const raw = jsonOf(body)
  return {
    id: idOf(raw, country) ?? `sha256:${createHash('sha256').update(body).digest('hex')}`,
    raw,
    receivedAt,
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new UnreadableItem('greenapi: the body is not JSON')
  }
}
