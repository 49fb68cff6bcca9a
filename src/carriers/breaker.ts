import { firstOpenMs, longestOpenMs, proofsUntilOpen } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Stops } from './stops.ts'

export type Breaker = ReturnType<typeof createBreaker>

/**
 * What a send showed of its provider: it took the message; it surely did not (`proof`); or nothing, such as an unknown
 * outcome, or a refusal of this one message, which may be our own.
 */
export type Shown = 'taken' | 'proof' | 'nothing'

interface Opening {
  pauseMs: number
  /** When one message may be let through to see, by the clock that nobody sets. */
  probeAt: number
  /** One was let through, and what it shows is not known yet. */
  probing: boolean
}

/**
 * Which providers are left alone where another may be asked: those that said so themselves (`stops`), and those that took
 * nothing several times in a row, until one message that is let through now and then is taken. Each process finds out for
 * itself.
 */
export function createBreaker({
  stops,
  log,
  clock,
}: {
  stops: Pick<Stops, 'of'>
  log: Log
  clock: () => number
}) {
  const proofs = new Map<string, number>()
  const openings = new Map<string, Opening>()

  function due(provider: string): boolean {
    return !stops.of(provider) && clock() >= (openings.get(provider)?.probeAt ?? Infinity)
  }

  function open(provider: string, pauseMs: number): void {
    openings.set(provider, { pauseMs, probeAt: clock() + pauseMs, probing: false })
    log.warn('breaker_opened', { provider, pauseMs })
  }

  return {
    /** The code of why a provider is left alone; undefined: it is not. */
    whyOpen(provider: string): string | undefined {
      const stop = stops.of(provider)
      if (stop) return stop.providerCode ?? 'provider_stopped'
      return openings.has(provider) ? 'breaker_open' : undefined
    },

    /** Whether one message may be let through now. */
    due,

    /** Lets a message through, or not. The next is let through after another pause, should nothing be heard of this one. */
    lets(provider: string): boolean {
      const opening = openings.get(provider)
      if (!opening) return !stops.of(provider)
      if (!due(provider)) return false
      openings.set(provider, { ...opening, probeAt: clock() + opening.pauseMs, probing: true })
      return true
    },

    /** Only a message that is taken ends a run of proofs, or an opening. */
    note(provider: string, shown: Shown): void {
      const opening = openings.get(provider)
      if (shown === 'taken') {
        proofs.delete(provider)
        if (openings.delete(provider)) log.info('breaker_closed', { provider })
      } else if (opening?.probing) {
        open(provider, Math.min(opening.pauseMs * 2, longestOpenMs))
      } else if (shown === 'proof' && !opening) {
        const inARow = (proofs.get(provider) ?? 0) + 1
        proofs.set(provider, inARow)
        if (inARow >= proofsUntilOpen) open(provider, firstOpenMs)
      }
    },
  }
}
