import type { Receipt } from '#src/contract/provider.ts'
import type { ProviderError } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { OutgoingMessage } from '#src/model/message.ts'

/** That a provider accepted a message, as an event of its timeline. */
export function receiptEvent(
  provider: string,
  message: OutgoingMessage,
  receipt: Receipt,
  at: Date,
): MessageEvent {
  return {
    provider,
    eventId: receipt.eventId,
    type: receipt.type,
    providerType: receipt.providerType,
    channel: message.channel,
    messageId: message.id,
    providerMessageId: receipt.providerMessageId,
    recipient: message.to,
    source: 'send',
    occurredAt: at,
    receivedAt: at,
    raw: receipt.raw ?? null,
  }
}

/** That an attempt was a message's last: refused by the provider (`bounced`, `rejected`) or given up by us (`failed`). */
export function endEvent(end: {
  provider: string
  message: Pick<OutgoingMessage, 'id'> & Partial<Pick<OutgoingMessage, 'channel' | 'to'>>
  attempt: number
  at: Date
  type: 'bounced' | 'rejected' | 'failed'
  code: string | undefined
  reason: string
  /** The provider will not write to this person again: neither do we. */
  suppresses?: ProviderError['suppresses']
}): MessageEvent {
  const { provider, message, attempt, at, type, code, reason, suppresses } = end
  return {
    provider,
    eventId: `send:${message.id}:${attempt}`,
    type,
    providerType: type === 'failed' ? 'not_sent' : 'refused',
    channel: message.channel,
    messageId: message.id,
    recipient: message.to,
    reason,
    code,
    bounceClass: type === 'bounced' || suppresses === 'nobody' ? 'hard' : undefined,
    consent: suppresses || type === 'bounced' ? 'withdrawn' : undefined,
    source: 'send',
    occurredAt: at,
    receivedAt: at,
    raw: { code: code ?? null, reason },
  }
}

/** That an address which was called dead is not, for all that we know: what was said of it is taken back. */
export function doubtEvent(doubted: {
  provider: string
  messageId: string
  address: string
  channel: OutgoingMessage['channel']
  at: Date
}): MessageEvent {
  const { provider, messageId, address, channel, at } = doubted
  return {
    provider,
    eventId: `send:${messageId}:doubted`,
    type: 'unknown',
    providerType: 'doubted',
    channel,
    messageId,
    recipient: address,
    reason: 'called dead with several others in a row, which is more likely about our sender',
    code: 'dead_doubted',
    bounceClass: 'hard',
    consent: 'given',
    source: 'send',
    occurredAt: at,
    receivedAt: at,
    raw: null,
  }
}
