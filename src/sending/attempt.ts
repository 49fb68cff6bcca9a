import type { Breaker, Shown } from '#src/carriers/breaker.ts'
import { tellFailedOver } from '#src/carriers/failed-over.ts'
import type { Pace } from '#src/carriers/pace.ts'
import type { Stops } from '#src/carriers/stops.ts'
import { outsideWindow, type WindowPolicy } from '#src/carriers/window.ts'
import type { Provider } from '#src/contract/provider.ts'
import type { Tracking } from '#src/email/tracking.ts'
import { type Certainty, othersOf, ProviderError } from '#src/model/errors.ts'
import { hiddenOf } from '#src/model/hidden.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { codeWord, ours, publicReason } from '#src/model/public-reason.ts'
import type { Warning } from '#src/model/warnings.ts'
import { attemptLeaseMs } from '#src/patience.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Metrics } from '#src/runtime/metrics.ts'
import type { Store } from '#src/store/store.ts'
import {
  type Attempt,
  type AttemptEnd,
  acceptance,
  type Ended,
  failure,
  givenUp,
  notKnown,
  refusedForGood,
  type Tried,
} from './attempt-end.ts'
import { createAttemptRecord } from './attempt-record.ts'
import { createDoubt, type Doubt } from './doubt.ts'
import { createFailOver } from './fail-over.ts'
import { stillLacking, telling, withCopies, withoutSuppressed } from './left-out.ts'
import { noPlace, notItsTurn } from './others-first.ts'
import { namesItsSender, senderWord } from './sender.ts'
import { whySuppressed } from './suppressed.ts'
import type { Turns } from './turns.ts'

interface Trying extends Omit<Tried, 'at'> {
  /** What time it is, by the clock of the moment at which it was begun: its end is compared with what was known then. */
  time: () => Date
}

export type Attempts = ReturnType<typeof createAttempts>
type Options = Parameters<typeof createAttempts>[0]
type Tools = Pick<Options, 'tracking' | 'stops' | 'breaker' | 'pace' | 'turns' | 'window' | 'log'> & {
  doubt: Doubt
}

/**
 * Tries to hand messages to providers; each attempt is begun and leased in the database before `run` is called. What its
 * provider surely did not take goes to the one that takes over, at once. Whatever happens is recorded and returned, never
 * thrown.
 */
export function createAttempts(options: {
  store: Pick<Store, 'failOver'>
  ingest: Ingest
  tracking: Tracking
  metrics: Metrics
  window: WindowPolicy
  stops: Stops
  breaker: Breaker
  pace: Pace
  turns: Turns
  owner: string
  log: Log
  now: () => Date
  /** A monotonic one, in ms. */
  clock: () => number
}) {
  const { store, ingest, tracking, metrics, window, stops, breaker, pace, turns, owner, log, now, clock } =
    options
  const failOver = createFailOver({ store, stops, owner, leaseSeconds: attemptLeaseMs / 1_000, log })
  const record = createAttemptRecord({ ingest, owner, log })
  const underWay = new Set<Promise<Ended>>()
  const doubt = createDoubt({ ingest, log })

  async function runOne(trying: Trying): Promise<Ended> {
    const { provider, message, attempt } = trying
    if (attempt.insteadOf) {
      const { provider: from, code } = attempt.insteadOf
      tellFailedOver({ metrics, log }, { messageId: message.id, from: from.name, to: provider.name, code })
    }
    const end = await tryOnce(trying, { tracking, stops, breaker, pace, turns, window, doubt, log })
    const begun = end.notTaken ? await failOver(trying, end.notTaken) : 'none'
    const reached = end.notTaken?.reached
    const next =
      typeof begun === 'object'
        ? { ...trying, ...begun, message: stillLacking(trying.message, reached) }
        : undefined
    metrics.attempts.inc({ provider: provider.name, outcome: next ? 'retryable' : end.ended.outcome })
    if (!next) return record.end(trying, end, begun === 'lost')
    await record.copies(trying, end)
    return runOne(next)
  }

  return {
    run(provider: Provider, message: OutgoingMessage, attempt: Attempt): Promise<Ended> {
      const [begunAt, begun] = [now().getTime(), clock()]
      const time = () => new Date(begunAt + clock() - begun)
      const running = runOne({ provider, message, attempt, time })
      underWay.add(running)
      return running.finally(() => underWay.delete(running))
    },

    /** Resolves when no attempt is under way any more: a stop that does not wait makes unknown outcomes. */
    async ended(): Promise<void> {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

/** What an error shows of its provider. */
const shows = { permanent: 'nothing', retryable: 'proof', unknown: 'nothing' } as const satisfies Record<
  Certainty,
  Shown
>

async function tryOnce({ provider, message, attempt, time }: Trying, tools: Tools): Promise<AttemptEnd> {
  const { tracking, stops, breaker, pace, doubt, log } = tools
  const sender = senderWord(provider, message)
  const tried = (): Tried => ({ provider, message, attempt, at: time() })
  const outside = outsideWindow(provider, message, attempt.circumstances?.heardForMs)
  const hindrance = hindered(tried(), outside && tools.window === 'enforce', stops.of(provider.name, sender))
  if (hindrance) return hindrance
  const { send } = provider
  if (!send) return off(tried())
  const waits = (await notItsTurn(tried, tools.turns)) ?? noPlace(tried(), pace)
  if (waits) return waits
  const leftOut = withoutSuppressed(message, attempt.circumstances)
  try {
    // Counted from here on, in the turn that looked whether there is a place.
    const put = async () => send(await tracking.put(provider, leftOut.message))
    const receipt = await pace.counted(provider.name, put)
    breaker.note(provider.name, 'taken')
    doubt.taken(tried())
    pace.took(provider.name)
    const warned: Warning[] = outside ? ['outside_whatsapp_window'] : []
    const warnings = [...(receipt.warnings ?? []), ...warned, ...tracking.warnings(provider, message)]
    const end = withCopies(acceptance(tried(), { ...receipt, warnings }), tried(), receipt.copies)
    return telling(end, leftOut)
  } catch (thrown) {
    if (thrown instanceof ProviderError) {
      const error = await doubt.of(thrown, tried())
      const others = othersOf(thrown)
      if (!error.heldBack) breaker.note(provider.name, error.ofSender ? 'nothing' : shows[error.certainty])
      if (error.tooMany) pace.tooMany(provider.name, error.retryAfterMs)
      if (thrown.ofSender && namesItsSender(message))
        return telling(withCopies(refusedSender(tried(), error), tried(), others), leftOut)
      stops.note(error, sender)
      return telling(withCopies(failure(tried(), error), tried(), others), leftOut)
    }
    breaker.note(provider.name, 'nothing')
    const stripped = withoutQuotes(thrown, message)
    log.error('send_failed_unexpectedly', { messageId: message.id, provider: provider.name, error: stripped })
    return telling(notKnown(tried(), 'unexpected', 'the send failed in an unexpected way'), leftOut)
  }
}

/** A sender that its caller chose concerns nobody else, and is its caller's to mend: who is told so, unless another takes it. */
function refusedSender(tried: Tried, error: ProviderError): AttemptEnd {
  if (tried.attempt.fallback) return failure(tried, error)
  return refusedForGood(tried, error.providerCode, error.message)
}

/** An error that a provider's folder did not foresee still has what it quotes of the message. */
function withoutQuotes(error: unknown, message: OutgoingMessage): Error {
  const { name, message: text, stack } = error instanceof Error ? error : new Error(String(error))
  return Object.assign(new Error(publicReason(text, hiddenOf(message, []))), { name, stack })
}

function off(tried: Tried): AttemptEnd {
  return givenUp(tried, 'provider_off', 'its provider is off')
}

/** Why the provider is not even asked; undefined: nothing speaks against it. */
function hindered(tried: Tried, outside: boolean, stop: ProviderError | undefined): AttemptEnd | undefined {
  const { provider, attempt, at } = tried
  const { suppressed, stopped } = attempt.circumstances ?? {}
  if (attempt.expiresAt && attempt.expiresAt <= at) return givenUp(tried, 'expired', 'its time had passed')
  if (suppressed !== undefined)
    return refusedForGood(tried, 'suppressed', whySuppressed(tried.message.channel, suppressed))
  if (outside)
    return refusedForGood(
      tried,
      'outside_whatsapp_window',
      'this person has not written within 24 hours: only an approved template may be sent (POST /api/whatsapp/messages/:id/send with a contentSid)',
    )
  // Before what it said when it was on: nothing of that will change.
  if (!provider.channels.includes(tried.message.channel)) return off(tried)
  if (stop) return failure(tried, stop)
  if (stopped === undefined) return undefined
  const reason = ours`${codeWord(provider.name)}: takes nothing now (${codeWord(stopped)})`
  return failure(tried, new ProviderError(provider.name, 'retryable', reason, { providerCode: stopped }))
}
