import {
  type Attempt,
  type AttemptEnd,
  acceptance,
  type Ended,
  failure,
  givenUp,
  notKnown,
  type Tried,
} from './attempt-end.ts'
import { ProviderError } from './errors.ts'
import type { Ingest } from './ingest.ts'
import type { Log } from './log.ts'
import type { OutgoingMessage } from './message.ts'
import type { Metrics } from './metrics.ts'
import type { Provider } from './provider.ts'
import { createStops, type Stops } from './stops.ts'

/** Outlasts the longest send (by SMTP: 90 s, with a login before it): see claim_due. */
export const leaseSeconds = 180

export type Attempts = ReturnType<typeof createAttempts>

/**
 * Tries to hand messages to providers; each attempt is begun and leased in the database before `run` is called. Whatever
 * happens is recorded and returned, never thrown.
 */
export function createAttempts(options: { ingest: Ingest; metrics: Metrics; log: Log; now: () => Date }) {
  const { ingest, metrics, log, now } = options
  const stops = createStops({ log, now })
  const underWay = new Set<Promise<Ended>>()

  async function runOne(provider: Provider, message: OutgoingMessage, attempt: Attempt): Promise<Ended> {
    const end = await tryOnce({ provider, message, attempt }, { stops, now, log })
    metrics.attempts.inc({ provider: provider.name, outcome: end.ended.outcome })
    return record(provider, message, attempt, end)
  }

  async function record(
    provider: Provider,
    message: OutgoingMessage,
    attempt: Attempt,
    { ended, event }: AttemptEnd,
  ): Promise<Ended> {
    const said = { messageId: message.id, provider: provider.name, attempt: attempt.number }
    const { status, code: errorCode, reason: errorMessage, ...outcome } = ended
    try {
      await ingest.record({
        events: event ? [{ event, requestId: attempt.requestId }] : [],
        outcomes: [{ ...outcome, ...said, errorCode, errorMessage }],
      })
    } catch (error) {
      // The lease will expire and make it unknown: what was not recorded must not be claimed to be known.
      log.error('attempt_not_recorded', { ...said, error })
      return { ...ended, outcome: 'unknown' }
    }
    log.info('attempt_ended', { ...said, outcome: ended.outcome, code: ended.code })
    return ended
  }

  return {
    run(provider: Provider, message: OutgoingMessage, attempt: Attempt): Promise<Ended> {
      const running = runOne(provider, message, attempt)
      underWay.add(running)
      return running.finally(() => underWay.delete(running))
    },

    /** Resolves when no attempt is under way any more: a stop that does not wait makes unknown outcomes. */
    async ended(): Promise<void> {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

async function tryOnce(
  { provider, message, attempt }: Omit<Tried, 'at'>,
  { stops, now, log }: { stops: Stops; now: () => Date; log: Log },
): Promise<AttemptEnd> {
  const tried = (): Tried => ({ provider, message, attempt, at: now() })
  const stop = stops.of(provider.name)
  if (attempt.expiresAt && attempt.expiresAt <= now())
    return givenUp(tried(), 'expired', 'its time had passed')
  if (!provider.send) return givenUp(tried(), 'provider_off', 'its provider is off')
  if (stop) return failure(tried(), stop)
  try {
    const receipt = await provider.send(message)
    return acceptance(tried(), receipt)
  } catch (error) {
    if (error instanceof ProviderError) {
      stops.note(error)
      return failure(tried(), error)
    }
    log.error('send_failed_unexpectedly', { messageId: message.id, provider: provider.name, error })
    return notKnown(tried(), 'unexpected', 'the send failed in an unexpected way')
  }
}
