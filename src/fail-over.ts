import type { Attempt, Tried } from './attempt-end.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Provider } from './provider.ts'
import type { Stops } from './stops.ts'
import type { Store } from './store/store.ts'

/** That a message goes to one provider instead of another, and the code of why. */
export function tellFailedOver(
  { metrics, log }: { metrics: Metrics; log: Log },
  { messageId, from, to, code }: { messageId: string; from: string; to: string; code: string | undefined },
): void {
  metrics.failovers.inc({ from, to })
  // The log keeps nothing under the names `from` and `to`: elsewhere they are people's addresses.
  log.warn('failed_over', { messageId, provider: to, insteadOf: from, code })
}

/** The next attempt, at the provider that takes over; `none`: it was not begun; `lost`: nobody knows whether it was. */
export type Begun = { provider: Provider; attempt: Attempt } | 'none' | 'lost'

export type FailOver = ReturnType<typeof createFailOver>

/**
 * Gives a message that its provider surely did not take to the one that takes over, once an attempt: this one is ended and
 * the next begun and leased in the database first.
 */
export function createFailOver(options: {
  store: Pick<Store, 'failOver'>
  stops: Pick<Stops, 'of'>
  owner: string
  leaseSeconds: number
  log: Log
}) {
  const { store, stops, owner, leaseSeconds, log } = options
  return async function failOver(
    { provider, message, attempt }: Omit<Tried, 'at'>,
    { code, reason }: { code: string | undefined; reason: string },
  ): Promise<Begun> {
    const { fallback, number, ...rest } = attempt
    if (!fallback || stops.of(fallback.name)) return 'none'
    const said = { messageId: message.id, provider: provider.name, attempt: number }
    try {
      const circumstances = await store.failOver(
        { ...said, outcome: 'retryable', errorCode: code, errorMessage: reason },
        { owner, leaseSeconds },
      )
      if (!circumstances) return 'none'
      const next = { ...rest, number: number + 1, circumstances, insteadOf: { provider, code } }
      return { provider: fallback, attempt: next }
    } catch (error) {
      log.error('fail_over_not_begun', { ...said, error })
      return 'lost'
    }
  }
}
