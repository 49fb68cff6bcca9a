import { setTimeout } from 'node:timers/promises'
import type { Provider } from '#src/contract/provider.ts'
import { type MessageEvent, providerEvent } from '#src/model/event.ts'
import type { Ask } from './ask.ts'
import { personIn } from './chat-id.ts'
import type { OneInstance } from './journal-event.ts'
import { askStatus } from './look-up.ts'
import { type QueueItem, queueItems } from './queue.ts'

/** One showMessagesQueue a second, ten getMessage: https://green-api.com/en/docs/api/ratelimiter/ */
const queuePauseMs = 1_100
const statusPauseMs = 110

/** One message in the queue, with its chat: only what has one can be ours. */
interface Held {
  chatId: string
  idMessage: string
  raw: unknown
}

/**
 * Shows the queue, clears it, shows it again. What was there and is not any more was cleared, unless its status says that
 * it went out in that moment: a restricted instance (yellowCard) still sends some.
 */
export function greenapiClearQueue(
  ask: Ask,
  reader: OneInstance,
  now: () => Date,
  pause: (ms: number) => Promise<unknown> = setTimeout,
): NonNullable<Provider['clearQueue']> {
  // Until each is accounted for: where a later step fails, the next call must not have forgotten what was cleared.
  const seen = new Map<string, Held>()
  const show = async () => held(queueItems(await ask('showMessagesQueue')))

  async function became({ chatId, idMessage, raw }: Held): Promise<MessageEvent[]> {
    const events = await askStatus(ask, reader, now, { chatId, idMessage })
    if (events.length > 0) return events
    const id = `${reader.instanceId}:${chatId}:${idMessage}:cleared`
    return [
      providerEvent('greenapi', { id, raw, receivedAt: now() }, cleared(chatId, idMessage, reader), 'poll'),
    ]
  }

  return async () => {
    for (const [key, item] of await show()) seen.set(key, item)
    if (seen.size === 0) return []
    await ask('clearMessagesQueue')
    await pause(queuePauseMs)
    for (const [key] of await show()) seen.delete(key)
    const events: MessageEvent[] = []
    for (const item of seen.values()) {
      events.push(...(await became(item)))
      await pause(statusPauseMs)
    }
    seen.clear()
    return events
  }
}

function held(items: readonly QueueItem[]): Map<string, Held> {
  return new Map(
    items.flatMap(({ messageID: idMessage, body, raw }): [string, Held][] =>
      body?.chatId ? [[`${body.chatId} ${idMessage}`, { chatId: body.chatId, idMessage, raw }]] : [],
    ),
  )
}

function cleared(chatId: string, idMessage: string, { country }: OneInstance) {
  return {
    type: 'failed',
    providerType: 'cleared',
    code: 'cleared',
    reason: 'Green-API held it back while its phone could not send, and it was taken back',
    channel: 'whatsapp',
    providerMessageId: idMessage,
    ...personIn(chatId, country),
  } as const
}
