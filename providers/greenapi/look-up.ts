import type { Provider } from '#src/contract/provider.ts'
import { type MessageEvent, providerEvent } from '#src/model/event.ts'
import type { OutgoingMessage, OutgoingText } from '#src/model/message.ts'
import { plainText } from '#src/model/template.ts'
import type { Ask } from './ask.ts'
import { chatIdOf, chatKeyOf, personOf } from './chat-id.ts'
import { queuedId } from './event.ts'
import { asStatus, type JournalItem, journalItem, journalItems, textOf } from './journal.ts'
import { journalEvent, minutesSince, type OneInstance } from './journal-event.ts'
import { queueItems } from './queue.ts'

/** How far the instance's clock and ours may differ, and how long a request may have been under way. */
const beforeMs = 60_000
const afterMs = 15 * 60_000

/** What the instance says of one message now; none while it waits there, or is not in the journal yet. */
export async function askStatus(
  ask: Ask,
  reader: OneInstance,
  now: () => Date,
  body: { chatId: string; idMessage: string },
): Promise<MessageEvent[]> {
  const answer = await ask('getMessage', { body })
  return answer === undefined ? [] : statusEvents(journalItem(answer), reader, now())
}

/** What the instance says of a message that it has accepted. */
export function greenapiStatus(
  ask: Ask,
  reader: OneInstance,
  now: () => Date,
): NonNullable<Provider['status']> {
  return ({ providerMessageId, recipient }) =>
    askStatus(ask, reader, now, { chatId: chatIdOf(recipient), idMessage: providerMessageId })
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
      (item) => isSame(item, message, reader.country) && madeAbout(item, attemptedAt),
    )
    const queue = queued(await ask('showMessagesQueue'), message, reader.country)
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

function isSame(item: JournalItem, message: OutgoingText, country: string): boolean {
  return (
    item.type !== 'incoming' &&
    item.sendByApi !== false &&
    isChatWith(item.chatId, message, country) &&
    textOf(item) === plainText(message)
  )
}

/** However the chat is spelled there. */
function isChatWith(chatId: string | null | undefined, { to }: OutgoingText, country: string): boolean {
  const person = personOf(chatId, country)
  return person !== undefined && chatKeyOf(person) === chatKeyOf(to)
}

function madeAbout({ timestamp }: JournalItem, attemptedAt: Date): boolean {
  const ageMs = (timestamp ?? Number.NaN) * 1_000 - attemptedAt.getTime()
  return ageMs >= -beforeMs && ageMs <= afterMs
}

/** The ids of what waits there and can only be this message. */
function queued(answer: unknown, message: OutgoingText, country: string): string[] {
  return queueItems(answer)
    .filter(({ body }) => isChatWith(body?.chatId, message, country) && body?.message === plainText(message))
    .map(({ messageID }) => messageID)
}

function queuedEvent(
  message: OutgoingMessage,
  idMessage: string,
  item: JournalItem | undefined,
  { instanceId }: OneInstance,
  receivedAt: Date,
): MessageEvent {
  const id = queuedId(instanceId, message.to, idMessage)
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
