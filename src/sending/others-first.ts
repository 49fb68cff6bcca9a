import type { Pace } from '#src/carriers/pace.ts'
import { ProviderError } from '#src/model/errors.ts'
import { codeWord, ours } from '#src/model/public-reason.ts'
import { type Attempt, type AttemptEnd, failure, givenUp, type Tried } from './attempt-end.ts'
import type { Turns } from './turns.ts'

/** How an attempt ends that is not made since its turn has not come; undefined: it has, or its provider has none. */
export async function notItsTurn(tried: () => Tried, turns: Turns): Promise<AttemptEnd | undefined> {
  const { provider, message, attempt } = tried()
  const turnMs = await turns.waitsMs(provider, message, attempt.inLine ?? false)
  return turnMs === undefined ? undefined : inLine(tried(), turnMs)
}

/** How an attempt ends that is not made since too many are under way by its provider; undefined: it has a place. */
export function noPlace(tried: Tried, pace: Pick<Pace, 'waitsMs'>): AttemptEnd | undefined {
  const { provider, attempt, at } = tried
  const waitsMs = attempt.paced ? pace.waitsMs(provider.name) : undefined
  return waitsMs === undefined || endsWithin(attempt, at, waitsMs) ? undefined : paced(tried, waitsMs)
}

/** Its caller wants it sooner than it would go with the others: it is tried. */
function endsWithin({ expiresAt, expiresByDefault }: Attempt, at: Date, waitsMs: number): boolean {
  return !expiresByDefault && expiresAt !== undefined && expiresAt.getTime() <= at.getTime() + waitsMs
}

/** As it was told of others a moment ago: asked again, it would say the same of this one. */
function paced(tried: Tried, retryAfterMs: number): AttemptEnd {
  const { name } = tried.provider
  const reason = ours`${codeWord(name)}: takes no more at once (others go first)`
  return failure(tried, new ProviderError(name, 'retryable', reason, { providerCode: 'paced', retryAfterMs }))
}

/** It goes when its turn comes, and not before: whoever asked for it sooner is told so at once. */
function inLine(tried: Tried, waitsMs: number): AttemptEnd {
  const { attempt, at } = tried
  const { expiresAt, expiresByDefault, uncertain } = attempt
  const reason = ours`${codeWord(tried.provider.name)}: takes so many an hour, and others go first`
  const turnAt = new Date(at.getTime() + waitsMs)
  const tooLate = expiresAt !== undefined && expiresAt <= turnAt
  if (tooLate && !expiresByDefault)
    return givenUp(tried, 'expired', `its turn would come after expiresAt (${reason})`)
  const outcome = uncertain ? 'unknown' : 'retryable'
  return { ended: { outcome, at, code: 'paced', reason, nextAttemptAt: tooLate ? expiresAt : turnAt } }
}
