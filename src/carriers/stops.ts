import { ProviderError } from '#src/model/errors.ts'
import type { Log } from '#src/runtime/log.ts'

export type Stops = ReturnType<typeof createStops>

interface Stop {
  /** Both by the clock that nobody sets. */
  since: number
  until: number
  error: ProviderError
}

/**
 * Providers that said no to us (a refused key, a plan's quota, a phone that is logged out) or to one of our senders: until it may
 * be otherwise nothing is handed to them, or nothing from that sender, and an operator is alerted once. Each process finds out for
 * itself. A `sender` is a word of its caller's, the same for all that goes out from one address.
 */
export function createStops({ log, now, clock }: { log: Log; now: () => Date; clock: () => number }) {
  const stopped = new Map<string, Stop>()

  function standing(key: string): Stop | undefined {
    const stop = stopped.get(key)
    return stop && stop.until > clock() ? stop : undefined
  }

  return {
    /** Why nothing, or nothing from this sender, is handed to this provider now; undefined: it takes messages. */
    of(provider: string, sender?: string): ProviderError | undefined {
      const stop =
        standing(provider) ?? (sender === undefined ? undefined : standing(keyOf(provider, sender)))
      if (!stop) return undefined
      const { message, providerCode } = stop.error
      return new ProviderError(provider, 'retryable', message, {
        providerCode,
        retryAfterMs: stop.until - clock(),
      })
    },

    note(error: ProviderError, sender = ''): void {
      const { provider, providerCode: code, message: reason, retryAfterMs, ofSender } = error
      if (!error.stopsProvider || retryAfterMs === undefined) return
      const key = ofSender ? keyOf(provider, sender) : provider
      const since = clock()
      // Those that were under way with the first that was refused say nothing new.
      const known = standing(key) !== undefined
      stopped.set(key, { since, until: since + retryAfterMs, error })
      if (known) return
      const untilAt = new Date(now().getTime() + retryAfterMs).toISOString()
      log.error('provider_stopped', { provider, code, reason, untilAt, ...(ofSender && { ofSender }) })
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

function keyOf(provider: string, sender: string): string {
  return `${provider} ${sender}`
}
