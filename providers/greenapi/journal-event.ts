import { type MessageEvent, providerEvent } from '#src/model/event.ts'
import { idOf, type Reader, readingOf } from './event.ts'
import type { JournalItem } from './journal.ts'

export type OneInstance = Reader & { instanceId: string }

const minuteMs = 60_000
/** A message appears in the journals up to two minutes late. */
const lagMinutes = 2

/** One journal item as an event, under the id and with the reading of the notification that it amounts to. */
export function journalEvent(
  { raw, chatId, idMessage }: JournalItem,
  notification: unknown,
  reader: OneInstance,
  receivedAt: Date,
  messageId?: string,
): MessageEvent {
  const id = idOf(notification, reader.country) ?? `${reader.instanceId}:${chatId}:${idMessage}`
  const reading = { ...readingOf(notification, reader), messageId }
  return providerEvent('greenapi', { id, raw, receivedAt }, reading, 'poll')
}

/** How many minutes of a journal to ask for. */
export function minutesSince(earliest: number, now: Date): number {
  return Math.max(1, Math.ceil((now.getTime() - earliest) / minuteMs) + lagMinutes)
}
