import type { Language } from '#src/model/language.ts'
import { type Channel, channels, type OutgoingMessage } from '#src/model/message.ts'
import { preview } from '#src/model/preview.ts'
import type { ShownEscalation, ShownMessage } from '#src/store/shown.ts'
import type { Ended } from './attempt-end.ts'
import { refused } from './refused.ts'

/** What a send answers: 200 accepted by the provider, 202 not yet or not surely. */
export interface SendAnswer {
  status: 200 | 202
  body: {
    success: true
    provider: string
    /** The provider's id; null until it has accepted. */
    entityId: string | null
    messageId: string
    status: string
    preview: string
    warnings: string[]
    nextAttemptAt?: string
  }
}

export function accepted(
  message: OutgoingMessage,
  provider: string,
  ended: Ended,
  language: Language,
  warnings: string[],
): SendAnswer {
  return {
    status: 200,
    body: {
      success: true,
      provider,
      entityId: ended.providerMessageId ?? null,
      messageId: message.id,
      status: ended.status ?? 'sent',
      preview: preview(described(message), 'sent', language),
      warnings,
    },
  }
}

export function waiting(
  message: OutgoingMessage,
  provider: string,
  status: 'queued' | 'scheduled' | 'unknown',
  nextAttemptAt: Date | undefined,
  language: Language,
  warnings: string[],
): SendAnswer {
  return {
    status: 202,
    body: {
      success: true,
      provider,
      entityId: null,
      messageId: message.id,
      status,
      preview: preview(described(message), status, language),
      warnings,
      ...(nextAttemptAt ? { nextAttemptAt: nextAttemptAt.toISOString() } : {}),
    },
  }
}

/** Where we hold a message ourselves; else it is with its provider, or waits for it. */
const ownStates = ['scheduled', 'unknown', 'cancelled'] as const

/** A message's current answer, for the repeat of its request. Throws AppError where it was refused: with its `escalation`. */
export function answerOf(row: ShownMessage, language: Language, escalation?: ShownEscalation): SendAnswer {
  const { id: messageId, provider, status, provider_message_id: entityId, warnings } = row
  if (entityId === null && (status === 'rejected' || status === 'failed' || status === 'bounced')) {
    const code = row.error_code ?? undefined
    const reason = row.error_message ?? undefined
    throw refused(messageId, provider, { code, reason, warnings }, escalation)
  }
  const state = ownStates.find((own) => own === status) ?? (entityId === null ? 'queued' : 'sent')
  return {
    status: entityId === null ? 202 : 200,
    body: {
      success: true,
      provider,
      entityId,
      messageId,
      status: status === 'sending' ? 'queued' : status,
      preview: preview(
        {
          channel: channelOf(row.channel),
          to: row.recipient,
          subject: row.subject ?? undefined,
        },
        state,
        language,
      ),
      warnings,
      ...(row.next_attempt_at === null ? {} : { nextAttemptAt: new Date(row.next_attempt_at).toISOString() }),
    },
  }
}

function channelOf(value: unknown): Channel {
  return channels.find((channel) => channel === value) ?? 'email'
}

function described(message: OutgoingMessage) {
  return {
    channel: message.channel,
    to: message.to,
    subject: message.channel === 'email' ? message.subject : undefined,
  }
}
