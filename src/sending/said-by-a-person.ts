import { randomUUID } from 'node:crypto'
import type { MessageEvent } from '#src/model/event.ts'
import { channels } from '#src/model/message.ts'
import type { ShownMessage } from '#src/store/shown.ts'

/** What a person said of a message, as an event of its timeline: evidence beside what providers tell, never instead of it. */
export function saidByAPerson(
  message: Pick<ShownMessage, 'id' | 'provider' | 'channel' | 'recipient'>,
  what: 'resolved' | 'cancelled' | 'revived',
  fact: Pick<MessageEvent, 'type' | 'code' | 'reason'>,
  at: Date,
): MessageEvent {
  return {
    provider: message.provider,
    eventId: `${what}:${message.id}:${randomUUID()}`,
    ...fact,
    providerType: `${what}_by_a_person`,
    channel: channels.find((channel) => channel === message.channel),
    messageId: message.id,
    recipient: message.recipient,
    source: 'person',
    occurredAt: at,
    receivedAt: at,
    raw: null,
  }
}
