import type { InsteadOf } from '#src/carriers/ways.ts'
import { type Provider, type Receipt, senderOf } from '#src/contract/provider.ts'
import type { ProviderError } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { failedOverFrom, type Warning } from '#src/model/warnings.ts'
import { backoffMs, firstCheckMs, mostTriesWithoutEnd, repeatableForMs } from '#src/patience.ts'
import type { Circumstances } from '#src/store/circumstances.ts'
import type { Outcome } from '#src/store/kept.ts'
import { endEvent, receiptEvent } from './attempt-events.ts'

export interface Attempt {
  /** Its number among all attempts of the message, from 1. */
  number: number
  /** How many of them do not count any more: made before the message was given a new life. */
  before?: number
  /** The one before it may have been accepted: what this one meets is not proof that the provider has nothing. */
  uncertain?: boolean
  /** When the first of them began; the message's own time where this is it. */
  since?: Date | undefined
  expiresAt?: Date | undefined
  /** Its caller did not say when: what waits longer than that may still find its provider back before. */
  expiresByDefault?: boolean
  /** What the database knew when it was begun. */
  circumstances?: Circumstances | undefined
  /** The provider that takes over where its own surely did not take it. */
  fallback?: Provider | undefined
  /** The provider that this one stands in for, and the code of why. */
  insteadOf?: InsteadOf | undefined
  /** It waits where its provider has said "too many": nobody takes over, and it is not one of those that were due and counted. */
  paced?: boolean
  /** It was due, and those that are due before it have gone. */
  inLine?: boolean
  requestId?: string | undefined
}

/** How an attempt ended, and what is to happen next. */
export interface Ended {
  outcome: Outcome['outcome']
  /** The provider that has the message, or may have it; where none does, the one that is asked first the next time. */
  provider: string
  providerMessageId?: string | undefined
  /** The address it went out from, where the provider told. */
  sender?: string | undefined
  /** Our word for what acceptance means: `sent` or only `queued`. */
  status?: 'queued' | 'sent' | undefined
  code?: string | undefined
  reason?: string | undefined
  warnings?: Warning[] | undefined
  /** When it ended, by the clock that the two below are told by. */
  at: Date
  nextAttemptAt?: Date | undefined
  /** Those of its copies who have it, though its recipient does not. */
  reached?: readonly string[] | undefined
  checkAt?: Date | undefined
}

/** What was tried: by which provider, which message, which attempt, and when it ended. */
export interface Tried {
  provider: Provider
  message: OutgoingMessage
  attempt: Attempt
  at: Date
}

export interface AttemptEnd {
  ended: Omit<Ended, 'provider'>
  /** The fact for the message's timeline; none where the attempt proves nothing or another follows. */
  event?: MessageEvent
  /** What became of its copies, where not all were taken. */
  besides?: MessageEvent[]
  /** Proof that the provider does not have it, and that another may be given it now. */
  notTaken?: { code: string | undefined; reason: string; reached?: readonly string[] } | undefined
}

/** Which provider has the message after an attempt, or is asked first the next time; what its caller should know of it. */
export function whereItStands(tried: Omit<Tried, 'at'>, ended: AttemptEnd['ended']): Ended {
  const { provider, message, attempt } = tried
  const { insteadOf } = attempt
  const goesBack = ended.outcome === 'retryable' || ended.outcome === 'exhausted'
  const carrier = goesBack ? (insteadOf?.provider ?? provider) : provider
  const warnings: Warning[] = [
    ...(insteadOf && !goesBack
      ? [failedOverFrom(insteadOf.provider.name), ...(provider.warnings?.(message) ?? [])]
      : []),
    ...(ended.warnings ?? []),
  ]
  return {
    ...ended,
    provider: carrier.name,
    sender: ended.sender ?? senderOf(carrier, message),
    warnings: warnings.length > 0 ? warnings : undefined,
  }
}

/** The provider took it. */
export function acceptance({ provider, message, at }: Tried, receipt: Receipt): AttemptEnd {
  return {
    ended: {
      outcome: 'accepted',
      at,
      providerMessageId: receipt.providerMessageId,
      sender: receipt.sender,
      status: receipt.type,
      warnings: receipt.warnings?.length ? receipt.warnings : undefined,
      checkAt: provider.status ? new Date(at.getTime() + firstCheckMs[message.channel]) : undefined,
    },
    event: receiptEvent(provider.name, message, receipt, at),
  }
}

/** The provider did not take it, or nobody knows. */
export function failure(tried: Tried, error: ProviderError): AttemptEnd {
  const { providerCode: code, message: reason, certainty, retryAfterMs, bounced, suppresses } = error
  if (certainty === 'unknown' || (certainty === 'retryable' && tried.attempt.uncertain))
    return notKnown(tried, code, reason, retryAfterMs)
  if (certainty === 'permanent') return refusedForGood(tried, code, reason, { bounced, suppresses })
  const { expiresAt, expiresByDefault } = tried.attempt
  const tries = triesOf(tried.attempt)
  const next = new Date(tried.at.getTime() + backoffMs(tries, retryAfterMs))
  const notTaken = error.heldBack ? undefined : { code, reason }
  // Kept by a release whose messages had no end. One that waits in our own line was never at the provider.
  if (expiresAt === undefined && tries >= mostTriesWithoutEnd && !error.heldBack)
    return { ...givenUp(tried, 'attempts_exhausted', reason), notTaken }
  if (expiresAt !== undefined && expiresAt <= tried.at)
    return { ...givenUp(tried, 'expired', `its time had passed (${reason})`), notTaken }
  const tooLate = expiresAt !== undefined && expiresAt <= next
  const nextAttemptAt = tooLate ? expiresAt : next
  if (tooLate && !expiresByDefault)
    return {
      ...givenUp(tried, 'expired', `the next attempt would come after expiresAt (${reason})`),
      notTaken,
    }
  return { ended: { outcome: 'retryable', at: tried.at, code, reason, nextAttemptAt }, notTaken }
}

/** It is not sent, for good: the provider says so, or we do. */
export function refusedForGood(
  tried: Tried,
  code: string | undefined,
  reason: string,
  { bounced = false, suppresses }: Partial<Pick<ProviderError, 'bounced' | 'suppresses'>> = {},
): AttemptEnd {
  // That it is refused now does not prove that the provider did not take it before: nothing is sent, nothing is claimed.
  if (tried.attempt.uncertain) return { ended: { outcome: 'unknown', at: tried.at, code, reason } }
  return {
    ended: { outcome: 'refused', at: tried.at, code, reason },
    event: endEvent({ ...named(tried), type: bounced ? 'bounced' : 'rejected', code, reason, suppresses }),
  }
}

/** Never sent again blindly: only where the provider recognises it, else looked for there, else left to a person. */
export function notKnown(
  tried: Tried,
  code: string | undefined,
  reason: string,
  retryAfterMs?: number,
): AttemptEnd {
  const { provider, message, attempt, at } = tried
  const next = new Date(at.getTime() + backoffMs(triesOf(attempt), retryAfterMs))
  const repeatable =
    provider.recognisesRepeats &&
    next.getTime() < (attempt.since ?? message.createdAt).getTime() + repeatableForMs
  return {
    ended: {
      outcome: 'unknown',
      at,
      code,
      reason,
      nextAttemptAt: repeatable ? next : undefined,
      checkAt: provider.find ? new Date(at.getTime() + firstCheckMs.unknown) : undefined,
    },
  }
}

/**
 * We end it though the provider never said no: a dead letter, which a person may revive. Where an earlier attempt may have
 * been taken it is unknown.
 */
export function givenUp(tried: Tried, code: string, reason: string): AttemptEnd {
  if (tried.attempt.uncertain) return { ended: { outcome: 'unknown', at: tried.at, code, reason } }
  return {
    ended: { outcome: 'exhausted', at: tried.at, code, reason },
    event: endEvent({ ...named(tried), type: 'failed', code, reason }),
  }
}

function named({ provider, message, attempt, at }: Tried) {
  return { provider: provider.name, message, attempt: attempt.number, at }
}

function triesOf({ number, before = 0 }: Attempt): number {
  return number - before
}
