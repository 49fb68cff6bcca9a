import { ProviderError } from '#src/model/errors.ts'
import type { Log } from '#src/runtime/log.ts'

export type Stops = ReturnType<typeof createStops>

/**
 * Providers that said they take nothing for a while (a plan's quota, a phone that is logged out): until then nothing is
 * handed to them, and an operator is alerted once. Each process finds out for itself.
 */
export function createStops({ log, now, clock }: { log: Log; now: () => Date; clock: () => number }) {
  /** Both times by the clock that nobody sets. */
  const stopped = new Map<string, { since: number; until: number; error: ProviderError }>()
  return {
    /** Why nothing is handed to this provider now; undefined: it takes messages. */
    of(provider: string): ProviderError | undefined {
      const stop = stopped.get(provider)
      if (!stop) return undefined
      const remainingMs = stop.until - clock()
      if (remainingMs <= 0) return undefined
      const { message, providerCode } = stop.error
      return new ProviderError(provider, 'retryable', message, { providerCode, retryAfterMs: remainingMs })
    },

    note(error: ProviderError): void {
      if (!error.stopsProvider || error.retryAfterMs === undefined) return
      const since = clock()
      const until = since + error.retryAfterMs
      stopped.set(error.provider, { since, until, error })
      log.error('provider_stopped', {
        provider: error.provider,
        code: error.providerCode,
        reason: error.message,
        untilAt: new Date(now().getTime() + error.retryAfterMs).toISOString(),
      })
    },

    /** A provider said at that time, which may be told in whole seconds, that it takes messages. */
    opened(provider: string, at: Date): void {
      const stop = stopped.get(provider)
      if (!stop?.error.untilOpen) return
      const stoppedAt = now().getTime() - (clock() - stop.since)
      if (at.getTime() < Math.floor(stoppedAt / 1_000) * 1_000) return
      stopped.delete(provider)
      log.info('provider_stop_ended', { provider })
    },
  }
}
