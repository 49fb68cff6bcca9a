import { ProviderError } from './errors.ts'
import type { Log } from './log.ts'

export type Stops = ReturnType<typeof createStops>

/**
 * Providers that said they take nothing for a while (a plan's quota, a phone that is logged out): until then nothing is
 * handed to them, and an operator is alerted once.
 */
export function createStops({ log, now }: { log: Log; now: () => Date }) {
  const stopped = new Map<string, { until: number; error: ProviderError }>()
  return {
    /** Why nothing is handed to this provider now; undefined: it takes messages. */
    of(provider: string): ProviderError | undefined {
      const stop = stopped.get(provider)
      const remainingMs = (stop?.until ?? 0) - now().getTime()
      if (!stop || remainingMs <= 0) return undefined
      const { message, providerCode } = stop.error
      return new ProviderError(provider, 'retryable', message, { providerCode, retryAfterMs: remainingMs })
    },

    note(error: ProviderError): void {
      if (!error.stopsProvider || error.retryAfterMs === undefined) return
      const until = now().getTime() + error.retryAfterMs
      stopped.set(error.provider, { until, error })
      log.error('provider_stopped', {
        provider: error.provider,
        code: error.providerCode,
        reason: error.message,
        untilAt: new Date(until).toISOString(),
      })
    },
  }
}
