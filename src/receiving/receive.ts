import type { Item, Webhook, WebhookAnswer, WebhookRequest } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { stableId } from '#src/model/event.ts'
import { tooDeep } from '#src/model/json.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Metrics } from '#src/runtime/metrics.ts'
import type { Batch, Quarantined, TimedEvent } from '#src/store/kept.ts'
import type { Ingest } from './ingest.ts'

export type Receive = ReturnType<typeof createReceive>

/**
 * One webhook, from bytes to what the provider hears: proven, taken apart, kept, then answered. Throws NotProven where it
 * proves nothing, AppError 503 where it could not be kept; an item that cannot be read is not a reason to refuse the others.
 */
export function createReceive(options: { ingest: Ingest; metrics: Metrics; log: Log }) {
  const { ingest, metrics, log } = options
  /** Not async: what was read is large, and not held while it is written. */
  const keep = (told: Pick<Batch, 'events' | 'quarantined'>, bodyBytes: number) => {
    const [events, quarantined] = [told.events.length, told.quarantined.length]
    return ingest
      .record(told, bodyBytes)
      .then((refused) => ({ events: events - refused, quarantined: quarantined + refused }))
  }
  return async function receive(
    name: string,
    webhook: Webhook,
    request: WebhookRequest,
    requestId: string,
  ): Promise<WebhookAnswer> {
    try {
      webhook.verify(request)
    } catch (error) {
      metrics.webhooks.inc({ provider: name, result: 'refused' })
      throw error
    }
    const counts = await keep(read(name, webhook, request, requestId, log), request.body.length)
    metrics.webhooks.inc({ provider: name, result: 'kept' })
    log.info('webhook_recorded', { provider: name, ...counts })
    return webhook.answer(request)
  }
}

/**
 * The items of a proven request, as events or, where they cannot be read, as bytes. A mapping of ours that fails on an
 * authentic item is logged as the bug it is; the item is kept all the same, to be read again once that is mended.
 */
function read(
  provider: string,
  webhook: Webhook,
  request: WebhookRequest,
  requestId: string,
  log: Log,
): { events: TimedEvent[]; quarantined: Quarantined[] } {
  const events: TimedEvent[] = []
  const quarantined: Quarantined[] = []
  const keep = (bytes: Buffer, error: unknown, item?: Item) => {
    const understood = error instanceof UnreadableItem
    if (!understood) log.error('item_reading_failed', { provider, error })
    const reason = understood
      ? error.message
      : `${provider}: reading failed here (see item_reading_failed in the log)`
    const eventId = item && stableId(item.id)
    quarantined.push({ provider, eventId, bytes, reason, requestId, receivedAt: request.receivedAt })
  }
  for (const item of itemsOf(webhook, request, keep)) {
    try {
      // An item nested too deep cannot even be written as JSON again: the request's own bytes are what is kept of it.
      if (tooDeep(item.raw)) keep(request.body, new UnreadableItem(`${provider}: nested too deep to be read`))
      else events.push({ event: webhook.event(item), requestId })
    } catch (error) {
      keep(Buffer.from(JSON.stringify(item.raw) ?? 'null'), error, item)
    }
  }
  return { events, quarantined }
}

function itemsOf(
  webhook: Webhook,
  request: WebhookRequest,
  keep: (bytes: Buffer, error: unknown) => void,
): Item[] {
  try {
    return webhook.items(request)
  } catch (error) {
    keep(request.body, error)
    return []
  }
}
