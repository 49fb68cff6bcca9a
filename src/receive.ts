import { NotProven, UnreadableItem } from './errors.ts'
import type { Ingest } from './ingest.ts'
import { tooDeep } from './json.ts'
import type { Log } from './log.ts'
import type { Provider, WebhookAnswer, WebhookRequest } from './provider.ts'
import type { Quarantined, TimedEvent } from './store/store.ts'

export type Receive = ReturnType<typeof createReceive>

/**
 * One webhook, from bytes to what the provider hears: proven, taken apart, kept, then answered. Throws NotProven where it
 * proves nothing, StoreError where it could not be kept; an item that cannot be read is no reason to refuse the others.
 */
export function createReceive(options: { ingest: Ingest; log: Log }) {
  const { ingest, log } = options
  return async function receive(
    provider: Provider,
    request: WebhookRequest,
    requestId: string,
  ): Promise<WebhookAnswer> {
    const { webhook } = provider
    if (!webhook) throw new NotProven(`${provider.name}: hears nothing (its webhook secret is not set)`)
    webhook.verify(request)
    const { events, quarantined } = read(provider.name, webhook, request, requestId)
    await ingest.record({ events, quarantined })
    log.info('webhook_recorded', {
      provider: provider.name,
      events: events.length,
      quarantined: quarantined.length,
      durationMs: Date.now() - request.receivedAt.getTime(),
    })
    return webhook.answer(request)
  }
}

function read(
  provider: string,
  webhook: NonNullable<Provider['webhook']>,
  request: WebhookRequest,
  requestId: string,
): { events: TimedEvent[]; quarantined: Quarantined[] } {
  const events: TimedEvent[] = []
  const quarantined: Quarantined[] = []
  const keep = (bytes: Buffer, error: unknown) => {
    if (!(error instanceof UnreadableItem)) throw error
    quarantined.push({ provider, bytes, reason: error.message, requestId, receivedAt: request.receivedAt })
  }
  try {
    for (const item of webhook.items(request)) {
      if (tooDeep(item.raw)) {
        // Such an item cannot even be written as JSON again: the request's own bytes are what is kept of it.
        keep(request.body, new UnreadableItem(`${provider}: nested too deep to be read`))
        continue
      }
      try {
        events.push({ event: webhook.event(item), requestId })
      } catch (error) {
        keep(Buffer.from(JSON.stringify(item.raw) ?? 'null'), error)
      }
    }
  } catch (error) {
    keep(request.body, error)
  }
  return { events, quarantined }
}
