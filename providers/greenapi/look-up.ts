import { z } from 'zod'
import { type MessageEvent, providerEvent } from '#src/event.ts'
import { unreadable } from '#src/http.ts'
import type { OutgoingMessage, OutgoingText } from '#src/message.ts'
import type { Provider } from '#src/provider.ts'
import type { Ask } from './ask.ts'
import { chatIdOf } from './chat-id.ts'
import { queuedId } from './event.ts'
import { asStatus, type JournalItem, journalItem, journalItems, textOf } from './journal.ts'
import { journalEvent, minutesSince, type OneInstance } from './journal-event.ts'

/** How far the instance's clock and ours may differ, and how long a request may have been under way. */
const beforeMs = 60_000
const afterMs = 15 * 60_000

/** What the instance says of one message now; none while it waits there, or is not in the journal yet. */
export function greenapiStatus(
  ask: Ask,
  reader: OneInstance,
  now: () => Date,
): NonNullable<Provider['status']> {
  return async ({ providerMessageId, recipient }) => {
    const body = { chatId: chatIdOf(recipient), idMessage: providerMessageId }
    const answer = await ask('getMessage', { body })
    return answer === undefined ? [] : statusEvents(journalItem(answer), reader, now())
  }
}

/**
 * Looks in the journal and in the queue for a message that may have been accepted: same chat, same text, about then (the
 * queue has no clock), and the only one such.
 */
export function greenapiFind(ask: Ask, reader: OneInstance, now: () => Date): NonNullable<Provider['find']> {
  return async (message, attemptedAt) => {
    if (message.channel !== 'whatsapp') return []
    const minutes = String(minutesSince(attemptedAt.getTime() - beforeMs, now()))
    const journal = journalItems(await ask('lastOutgoingMessages', { query: { minutes } })).filter(
      (item) => isSame(item, message) && madeAbout(item, attemptedAt),
    )
    const queue = queued(await ask('showMessagesQueue'), message)
    const [only, ...others] = new Set([...journal.map(({ idMessage }) => idMessage), ...queue])
    if (only === undefined || others.length > 0) return []
    const item = journal.find(({ idMessage }) => idMessage === only)
    return [
      // First, and always: no webhook tells it, so that it binds what webhooks of this message told before.
      queuedEvent(message, only, item, reader, now()),
      ...(item ? statusEvents(item, reader, now(), message.id) : []),
    ]
  }
}

function isSame(item: JournalItem, { to, body }: OutgoingText): boolean {
  return (
    item.type !== 'incoming' &&
    item.sendByApi !== false &&
    item.chatId === chatIdOf(to) &&
    textOf(item) === body
  )
}

function madeAbout({ timestamp }: JournalItem, attemptedAt: Date): boolean {
  const ageMs = (timestamp ?? Number.NaN) * 1_000 - attemptedAt.getTime()
  return ageMs >= -beforeMs && ageMs <= afterMs
}

const waiting = z.object({
  messageID: z.string().min(1),
  body: z.object({ chatId: z.string().nullish(), message: z.string().nullish() }).nullish().catch(undefined),
})

/** The ids of what waits there and can only be this message; what cannot be read of the queue hides nothing else of it. */
function queued(answer: unknown, { to, body }: OutgoingText): string[] {
  if (!Array.isArray(answer)) throw unreadable('greenapi')
  const items = answer.flatMap((raw) => waiting.safeParse(raw).data ?? [])
  if (items.length === 0 && answer.length > 0) throw unreadable('greenapi')
  return items
    .filter((item) => item.body?.chatId === chatIdOf(to) && item.body.message === body)
    .map(({ messageID }) => messageID)
}

function queuedEvent(
  message: OutgoingMessage,
  idMessage: string,
  item: JournalItem | undefined,
  { instanceId }: OneInstance,
  receivedAt: Date,
): MessageEvent {
  const id = queuedId(instanceId, chatIdOf(message.to), idMessage)
  return providerEvent(
    'greenapi',
    { id, raw: item?.raw ?? { idMessage }, receivedAt },
    {
      type: 'queued',
      providerType: 'queued',
      channel: 'whatsapp',
      messageId: message.id,
      providerMessageId: idMessage,
      recipient: message.to,
      occurredAt: item?.timestamp ? new Date(item.timestamp * 1_000) : undefined,
    },
    'poll',
  )
}

/** The item's clock is the message's and not the status's, so our own stands in. */
function statusEvents(
  item: JournalItem,
  reader: OneInstance,
  receivedAt: Date,
  messageId?: string,
): MessageEvent[] {
  if (!item.statusMessage || item.statusMessage === 'pending') return []
  return [journalEvent(item, asStatus(reader.instanceId, item), reader, receivedAt, messageId)]
}
