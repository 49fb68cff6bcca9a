import { type Channel, channels, type MessageStatus, type OutgoingMessage } from '#src/model/message.ts'
import type { ShownMessage } from '#src/store/shown.ts'
import type { Ended } from './attempt-end.ts'

/** Where a message stands, for the one who asked to send it. */
export interface Standing {
  messageId: string
  /** The provider that has it, or is asked first the next time. */
  provider: string
  /** The provider's id; null until it has accepted. */
  entityId: string | null
  /** One of ours, or one that only a newer server knows. */
  status: string
  channel: Channel
  to: string
  subject: string | undefined
  warnings: string[]
  nextAttemptAt?: Date | undefined
  /** Why it was not taken. */
  code?: string | undefined
  reason?: string | undefined
}

/** What a message comes to by the end of an attempt, until somebody tells more of it. */
const statuses = {
  accepted: 'sent',
  refused: 'rejected',
  retryable: 'queued',
  exhausted: 'failed',
  unknown: 'unknown',
} as const satisfies Record<Ended['outcome'], MessageStatus>

const refusedAs: readonly string[] = ['rejected', 'failed', 'bounced'] satisfies MessageStatus[]

/** Of a message that was just asked for: before its first attempt, or after it. */
export function standingFor(
  message: OutgoingMessage,
  known: Pick<Standing, 'provider' | 'status' | 'warnings'> &
    Pick<Ended, 'providerMessageId' | 'nextAttemptAt' | 'code' | 'reason'>,
): Standing {
  return {
    messageId: message.id,
    provider: known.provider,
    entityId: known.providerMessageId ?? null,
    status: known.status,
    channel: message.channel,
    to: message.to,
    subject: message.channel === 'email' ? message.subject : undefined,
    warnings: known.warnings,
    nextAttemptAt: known.nextAttemptAt,
    code: known.code,
    reason: known.reason,
  }
}

export function statusAfter({ status, outcome }: Ended): MessageStatus {
  return status ?? statuses[outcome]
}

/** Of a message that was asked for before. Throws where its channel is one that this server does not know. */
export function standingOf(row: ShownMessage): Standing {
  const channel = channels.find((one) => one === row.channel)
  if (!channel) throw new Error(`sending: nothing is known of the channel ${row.channel} here`)
  return {
    messageId: row.id,
    provider: row.provider,
    entityId: row.provider_message_id,
    status: row.status === ('sending' satisfies MessageStatus) ? 'queued' : row.status,
    channel,
    to: row.recipient,
    subject: row.subject ?? undefined,
    warnings: row.warnings,
    nextAttemptAt: row.next_attempt_at === null ? undefined : new Date(row.next_attempt_at),
    code: row.error_code ?? undefined,
    reason: row.error_message ?? undefined,
  }
}

/** Whether nobody took it, and nobody will. */
export function isRefused({ entityId, status }: Standing): boolean {
  return entityId === null && refusedAs.includes(status)
}
