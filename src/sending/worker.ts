import type { Breaker } from '#src/carriers/breaker.ts'
import type { Pace } from '#src/carriers/pace.ts'
import type { Ways } from '#src/carriers/ways.ts'
import type { Provider } from '#src/contract/provider.ts'
import { outcomesKnownWithinMs, placesAProvider, unhealthyAfterMs, workEveryMs } from '#src/patience.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import { type Log, withLogFields } from '#src/runtime/log.ts'
import { createLoop } from '#src/runtime/loop.ts'
import type { DueMessage } from '#src/store/calls/sends.ts'
import type { Store } from '#src/store/store.ts'
import type { Attempts } from './attempt.ts'
import type { Attempt } from './attempt-end.ts'
import { createClaims } from './claims.ts'
import { createParked } from './parked.ts'
import type { Phantoms } from './phantoms.ts'
import { createPlaces } from './places.ts'
import { unread } from './unread.ts'
import { endOf } from './waits.ts'

export type Worker = ReturnType<typeof createWorker>

/**
 * Does what no request asks for, again and again: ends attempts whose process died, brings parked receipts and their
 * messages together, makes the attempts that are due. Several processes may do so on one database: each piece of work is
 * given to one. A provider that is slow to answer holds up its own sends, and nothing else.
 */
export function createWorker(options: {
  store: Store
  ingest: Ingest
  phantoms: Phantoms
  attempts: Attempts
  breaker: Pick<Breaker, 'due' | 'lets' | 'whyOpen'>
  pace: Pick<Pace, 'places' | 'rests'>
  ways: Pick<Ways, 'avoided' | 'fallbacks' | 'off'>
  providers: ReadonlyMap<string, Provider>
  owner: string
  log: Log
  now: () => Date
  clock: () => number
  everyMs?: number | undefined
}) {
  const {
    store,
    ingest,
    phantoms,
    attempts,
    breaker,
    pace,
    ways,
    providers,
    owner,
    log,
    now,
    clock,
    everyMs = workEveryMs,
  } = options
  const failed = (error: unknown) => log.error('worker_round_failed', { error })
  /** Of what waits for these it is the most urgent that goes next. */
  const oneByOne = new Set(
    [...providers.values()].filter(({ perHour }) => perHour !== undefined).map(({ name }) => name),
  )
  const places = createPlaces({ pace, oneByOne })
  const claim = createClaims({ store, owner, log })
  const matchParked = createParked({ store, log, clock })
  const abilities = {
    repeaters: [...providers.values()]
      .filter(({ recognisesRepeats }) => recognisesRepeats)
      .map(({ name }) => name),
    finders: [...providers.values()].filter(({ find }) => find).map(({ name }) => name),
  }
  /** The providers of which the last claim took as many as it could: more may be due, in their turn. */
  let full: string[] = []
  let lastTidy = clock()

  async function tidyRound(): Promise<void> {
    await phantoms.undo()
    if (ingest.word() !== 'away') await tidy()
    lastTidy = clock()
  }

  async function tidy(): Promise<void> {
    if (ingest.lacksForMs() < outcomesKnownWithinMs) await endExpired()
    await matchParked()
  }

  async function endExpired(): Promise<void> {
    for (const { id, provider } of await store.endExpiredAttempts(undefined, abilities))
      log.warn('attempt_expired', { messageId: id, provider })
  }

  function busyProviders(): string[] {
    return [...providers.keys()].filter((name) => places.room(name) === 0)
  }

  /** For as long as more is due than there was room for: as fast as the providers take it. */
  async function send(stopping: AbortSignal): Promise<void> {
    do {
      // Load is not absence: an attempt whose outcome is not known there yet still has its lease, and is not made again.
      if (ingest.word() === 'away') return
      await beginDue()
      if (full.length > 0) await places.again(full, everyMs, stopping)
    } while (full.length > 0 && !stopping.aborted)
  }

  async function beginDue(): Promise<void> {
    const busy = busyProviders()
    const others = (name: string) => [...providers.keys(), ...ways.off].filter((other) => other !== name)
    // One message that waits for such a provider shows whether it is back: alone, and none where none waits.
    for (const name of ways.avoided().filter((one) => breaker.due(one) && !busy.includes(one)))
      if ((await begin({ limit: 1, busy: others(name) })).includes(name)) breaker.lets(name)
    const slowed = [...providers.keys()].filter(
      (name) => !busy.includes(name) && places.room(name) < placesAProvider,
    )
    const which = { avoided: ways.avoided(), standIns: [...ways.fallbacks.keys()] }
    const begun = await begin({ ...which, busy: [...busy, ...slowed], off: ways.off })
    for (const name of slowed)
      begun.push(...(await begin({ ...which, limit: places.room(name), busy: others(name), off: ways.off })))
    full = [...new Set(begun)].filter(
      (name) => begun.filter((other) => other === name).length >= places.room(name),
    )
  }

  /** Begins attempts that are due; at which providers. */
  async function begin(wanted: Parameters<typeof claim>[0]): Promise<string[]> {
    const due = await claim(wanted)
    for (const message of due) places.take(message.provider, message.id, attempt(message).catch(failed))
    return due.map(({ provider }) => provider)
  }

  async function attempt(due: DueMessage): Promise<void> {
    const { id, request_id: requestId, circumstances, uncertain } = due
    await withLogFields({ requestId, messageId: id }, async () => {
      const message = await store.outgoing(id).catch((error) => notRead(due, error))
      if (!message) return
      const provider = named(due.provider)
      await attempts.run(provider, message, {
        ...other(due, provider),
        number: due.attempts,
        before: due.attempts_before,
        uncertain,
        inLine: true,
        circumstances,
        since: new Date(now().getTime() - due.queued_for_seconds * 1_000),
        expiresAt: endOf(due.expires_in_seconds, now()),
        expiresByDefault: due.expires_by_default,
        requestId,
      })
    })
  }

  async function notRead(due: DueMessage, error: unknown): Promise<void> {
    log.error('attempt_not_made', { messageId: due.id, provider: due.provider, error })
    await ingest.record(unread(due, error, now()))
  }

  /** The provider that takes over from its own, or for which its own stands in. */
  function other(
    { instead_of: first, fallback: next = '' }: DueMessage,
    { name }: Provider,
  ): Pick<Attempt, 'fallback' | 'insteadOf'> {
    if (first === undefined) {
      const fallback = ways.fallbacks.get(next)
      return { fallback: fallback?.name === name ? undefined : fallback }
    }
    const off = ways.off.includes(first) ? 'provider_off' : undefined
    const code = off ?? breaker.whyOpen(first) ?? 'provider_stopped'
    return { insteadOf: { provider: named(first), code } }
  }

  /** A provider that was on when the message was reserved and is off now: the attempt says so. */
  function named(name: string): Provider {
    return providers.get(name) ?? { name, channels: [] }
  }

  const loops = [createLoop(tidyRound, everyMs, failed), createLoop(send, everyMs, failed)]
  return {
    start: () => loops.forEach((loop) => void loop.start()),
    /** Resolves when what is under way has ended. */
    async stop(): Promise<void> {
      await Promise.all(loops.map((loop) => loop.stop()))
      await places.ended()
    },
    healthy: () => clock() - lastTidy < unhealthyAfterMs,
    /** For how long the message is due that nothing keeps from being sent: neither its provider nor those before it. */
    longestDueMs: () => store.longestDueMs([...busyProviders(), ...full, ...ways.avoided(), ...oneByOne]),
  }
}
