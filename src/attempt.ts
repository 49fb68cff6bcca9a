import { ProviderError } from './errors.ts'
import type { MessageEvent } from './event.ts'
import type { Ingest } from './ingest.ts'
import type { Log } from './log.ts'
import type { OutgoingMessage } from './message.ts'
import type { Provider, Receipt } from './provider.ts'
import type { Outcome } from './store/store.ts'

/** Outlasts the longest send (by SMTP: 90 s, with a login before it): see claim_due. */
export const leaseSeconds = 180

const mostAttempts = 8
const firstBackoffMs = 15_000
const longestBackoffMs = 3_600_000

export interface Ended {
  outcome: Outcome['outcome']
  providerMessageId?: string | undefined
  /** Our word for what acceptance means: `sent` or only `queued`. */
  status?: 'queued' | 'sent' | undefined
  code?: string | undefined
  reason?: string | undefined
  warnings?: string[] | undefined
  nextAttemptAt?: Date | undefined
}

export interface Attempt {
  number: number
  expiresAt?: Date | undefined
  requestId?: string | undefined
}

export type Attempts = ReturnType<typeof createAttempts>

/**
 * One try to hand a message to a provider, begun and leased in the database before this is called. Whatever happens is
 * recorded and returned, never thrown: what proves nothing is `unknown` and is not tried again.
 */
export function createAttempts(options: { ingest: Ingest; log: Log; now: () => Date }) {
  const { ingest, log, now } = options
  return {
    async run(provider: Provider, message: OutgoingMessage, attempt: Attempt): Promise<Ended> {
      const { ended, event } = await tried(provider, message, attempt, now, log)
      const outcome: Outcome = {
        messageId: message.id,
        attempt: attempt.number,
        outcome: ended.outcome,
        provider: provider.name,
        providerMessageId: ended.providerMessageId,
        errorCode: ended.code,
        errorMessage: ended.reason,
        warnings: ended.warnings,
        nextAttemptAt: ended.nextAttemptAt,
      }
      try {
        await ingest.record({
          events: event ? [{ event, requestId: attempt.requestId }] : [],
          outcomes: [outcome],
        })
      } catch (error) {
        // The lease will expire and make it unknown: what was not recorded must not be claimed to be known.
        log.error('attempt_not_recorded', { messageId: message.id, provider: provider.name, error })
        return { ...ended, outcome: 'unknown' }
      }
      log.info('attempt_ended', {
        messageId: message.id,
        provider: provider.name,
        attempt: attempt.number,
        outcome: ended.outcome,
        code: ended.code,
      })
      return ended
    },
  }
}

async function tried(
  provider: Provider,
  message: OutgoingMessage,
  attempt: Attempt,
  now: () => Date,
  log: Log,
): Promise<{ ended: Ended; event?: MessageEvent }> {
  if (attempt.expiresAt && attempt.expiresAt <= now())
    return refusal(provider.name, message, attempt.number, now(), 'failed', 'expired', 'its time had passed')
  if (!provider.send)
    return refusal(
      provider.name,
      message,
      attempt.number,
      now(),
      'failed',
      'provider_off',
      'its provider is off',
    )
  try {
    const receipt = await provider.send(message)
    return { ended: acceptance(receipt), event: receiptEvent(provider.name, message, receipt, now()) }
  } catch (error) {
    if (!(error instanceof ProviderError)) {
      log.error('send_failed_unexpectedly', { messageId: message.id, provider: provider.name, error })
      return {
        ended: { outcome: 'unknown', code: 'unexpected', reason: 'the send failed in an unexpected way' },
      }
    }
    return failure(error, provider.name, message, attempt, now())
  }
}

function failure(
  error: ProviderError,
  provider: string,
  message: OutgoingMessage,
  attempt: Attempt,
  at: Date,
): { ended: Ended; event?: MessageEvent } {
  const { providerCode: code, message: reason } = error
  if (error.certainty === 'unknown') return { ended: { outcome: 'unknown', code, reason } }
  if (error.certainty === 'permanent')
    return refusal(
      provider,
      message,
      attempt.number,
      at,
      error.bounced ? 'bounced' : 'rejected',
      code,
      reason,
    )
  const nextAttemptAt = new Date(at.getTime() + backoffMs(attempt.number, error.retryAfterMs))
  if (attempt.number >= mostAttempts)
    return refusal(provider, message, attempt.number, at, 'failed', 'attempts_exhausted', reason)
  if (attempt.expiresAt && attempt.expiresAt <= nextAttemptAt)
    return refusal(provider, message, attempt.number, at, 'failed', 'expired', reason)
  return { ended: { outcome: 'retryable', code, reason, nextAttemptAt } }
}

/** Doubles with each attempt, with jitter so that what failed together does not come back together. */
export function backoffMs(attempt: number, retryAfterMs = 0, random = Math.random()): number {
  const backoff = Math.min(firstBackoffMs * 2 ** (attempt - 1), longestBackoffMs)
  return Math.max(retryAfterMs, backoff) * (1 + random / 4)
}

function acceptance(receipt: Receipt): Ended {
  return {
    outcome: 'accepted',
    providerMessageId: receipt.providerMessageId,
    status: receipt.type,
    warnings: receipt.warnings?.length ? receipt.warnings : undefined,
  }
}

function receiptEvent(provider: string, message: OutgoingMessage, receipt: Receipt, at: Date): MessageEvent {
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

function refusal(
  provider: string,
  message: OutgoingMessage,
  attempt: number,
  at: Date,
  type: 'bounced' | 'rejected' | 'failed',
  code: string | undefined,
  reason: string,
): { ended: Ended; event: MessageEvent } {
  const event: MessageEvent = {
    provider,
    eventId: `send:${message.id}:${attempt}`,
    type,
    providerType: type === 'failed' ? 'not_sent' : 'refused',
    channel: message.channel,
    messageId: message.id,
    recipient: message.to,
    reason,
    code,
    bounceClass: type === 'bounced' ? 'hard' : undefined,
    source: 'send',
    occurredAt: at,
    receivedAt: at,
    raw: { code: code ?? null, reason },
  }
  return { ended: { outcome: 'refused', code, reason }, event }
}
