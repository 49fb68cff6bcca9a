import { endEvent, receiptEvent } from './attempt-events.ts'
import { ProviderError } from './errors.ts'
import type { MessageEvent } from './event.ts'
import type { Ingest } from './ingest.ts'
import type { Log } from './log.ts'
import type { OutgoingMessage } from './message.ts'
import type { Metrics } from './metrics.ts'
import { backoffMs, firstCheckMs, mostAttempts, repeatableForMs } from './patience.ts'
import type { Provider, Receipt } from './provider.ts'
import type { Outcome } from './store/store.ts'

/** Outlasts the longest send (by SMTP: 90 s, with a login before it): see claim_due. */
export const leaseSeconds = 180

export interface Attempt {
  /** Its number among all attempts of the message, from 1. */
  number: number
  /** How many of them do not count any more: made before the message was given a new life. */
  before?: number
  expiresAt?: Date | undefined
  requestId?: string | undefined
}

export interface Ended {
  outcome: Outcome['outcome']
  providerMessageId?: string | undefined
  /** Our word for what acceptance means: `sent` or only `queued`. */
  status?: 'queued' | 'sent' | undefined
  code?: string | undefined
  reason?: string | undefined
  warnings?: string[] | undefined
  nextAttemptAt?: Date | undefined
  checkAt?: Date | undefined
}

interface Tried {
  ended: Ended
  event?: MessageEvent
}

export type Attempts = ReturnType<typeof createAttempts>

/**
 * One try to hand a message to a provider, begun and leased in the database before this is called. Whatever happens is
 * recorded and returned, never thrown: what proves nothing is `unknown` and is not tried again.
 */
export function createAttempts(options: { ingest: Ingest; metrics: Metrics; log: Log; now: () => Date }) {
  const { ingest, metrics, log, now } = options
  return {
    async run(provider: Provider, message: OutgoingMessage, attempt: Attempt): Promise<Ended> {
      const { ended, event } = await tried(provider, message, attempt, now, log)
      metrics.attempts.inc({ provider: provider.name, outcome: ended.outcome })
      const said = { messageId: message.id, provider: provider.name, attempt: attempt.number }
      try {
        await ingest.record({
          events: event ? [{ event, requestId: attempt.requestId }] : [],
          outcomes: [outcomeOf(provider, message, attempt, ended)],
        })
      } catch (error) {
        // The lease will expire and make it unknown: what was not recorded must not be claimed to be known.
        log.error('attempt_not_recorded', { ...said, error })
        return { ...ended, outcome: 'unknown' }
      }
      log.info('attempt_ended', { ...said, outcome: ended.outcome, code: ended.code })
      return ended
    },
  }
}

function outcomeOf(provider: Provider, message: OutgoingMessage, attempt: Attempt, ended: Ended): Outcome {
  return {
    messageId: message.id,
    attempt: attempt.number,
    outcome: ended.outcome,
    provider: provider.name,
    providerMessageId: ended.providerMessageId,
    errorCode: ended.code,
    errorMessage: ended.reason,
    warnings: ended.warnings,
    nextAttemptAt: ended.nextAttemptAt,
    checkAt: ended.checkAt,
  }
}

async function tried(
  provider: Provider,
  message: OutgoingMessage,
  attempt: Attempt,
  now: () => Date,
  log: Log,
): Promise<Tried> {
  const give = (code: string, reason: string) => givenUp(provider.name, message, attempt, now(), code, reason)
  if (attempt.expiresAt && attempt.expiresAt <= now()) return give('expired', 'its time had passed')
  if (!provider.send) return give('provider_off', 'its provider is off')
  try {
    const receipt = await provider.send(message)
    const at = now()
    return {
      ended: acceptance(provider, message, receipt, at),
      event: receiptEvent(provider.name, message, receipt, at),
    }
  } catch (error) {
    if (error instanceof ProviderError) return failure(error, provider, message, attempt, now())
    log.error('send_failed_unexpectedly', { messageId: message.id, provider: provider.name, error })
    const reason = 'the send failed in an unexpected way'
    return { ended: notKnown(provider, message, attempt, now(), 'unexpected', reason) }
  }
}

function failure(
  error: ProviderError,
  provider: Provider,
  message: OutgoingMessage,
  attempt: Attempt,
  at: Date,
): Tried {
  const { providerCode: code, message: reason, certainty, retryAfterMs } = error
  if (certainty === 'unknown') return { ended: notKnown(provider, message, attempt, at, code, reason) }
  if (certainty === 'permanent') {
    const type = error.bounced ? 'bounced' : 'rejected'
    const event = endEvent({
      provider: provider.name,
      message,
      attempt: attempt.number,
      at,
      type,
      code,
      reason,
    })
    return { ended: { outcome: 'refused', code, reason }, event }
  }
  const nextAttemptAt = new Date(at.getTime() + backoffMs(triesOf(attempt), retryAfterMs))
  if (triesOf(attempt) >= mostAttempts)
    return givenUp(provider.name, message, attempt, at, 'attempts_exhausted', reason)
  if (attempt.expiresAt && attempt.expiresAt <= nextAttemptAt)
    return givenUp(provider.name, message, attempt, at, 'expired', reason)
  return { ended: { outcome: 'retryable', code, reason, nextAttemptAt } }
}

function triesOf({ number, before = 0 }: Attempt): number {
  return number - before
}

/** Never sent again blindly: only where the provider recognises it, else looked for there, else left to a person. */
function notKnown(
  provider: Provider,
  message: OutgoingMessage,
  attempt: Attempt,
  at: Date,
  code: string | undefined,
  reason: string,
): Ended {
  const next = new Date(at.getTime() + backoffMs(triesOf(attempt)))
  const repeatable =
    provider.recognisesRepeats &&
    triesOf(attempt) < mostAttempts &&
    next.getTime() < message.createdAt.getTime() + repeatableForMs
  return {
    outcome: 'unknown',
    code,
    reason,
    nextAttemptAt: repeatable ? next : undefined,
    checkAt: provider.find ? new Date(at.getTime() + firstCheckMs.unknown) : undefined,
  }
}

function acceptance(provider: Provider, message: OutgoingMessage, receipt: Receipt, at: Date): Ended {
  return {
    outcome: 'accepted',
    providerMessageId: receipt.providerMessageId,
    status: receipt.type,
    warnings: receipt.warnings?.length ? receipt.warnings : undefined,
    checkAt: provider.status ? new Date(at.getTime() + firstCheckMs[message.channel]) : undefined,
  }
}

/** We end it though the provider never said no: a dead letter, which a person may replay. */
function givenUp(
  provider: string,
  message: OutgoingMessage,
  attempt: Attempt,
  at: Date,
  code: string,
  reason: string,
): Tried {
  return {
    ended: { outcome: 'exhausted', code, reason },
    event: endEvent({ provider, message, attempt: attempt.number, at, type: 'failed', code, reason }),
  }
}
