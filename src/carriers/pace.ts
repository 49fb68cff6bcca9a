import { placesAProvider, slowedForMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'

export type Pace = ReturnType<typeof createPace>

interface Slowed {
  places: number
  /** How many it has taken since the places became so many. */
  taken: number
  /** By `clock`. */
  nothingUntil: number
}

/**
 * How many sends of a provider may be under way at once. One that says "too many" gets none until the time that it asks for is
 * over, then half as many as before, and one more each time that it has taken as many as there are places. `clock`: a
 * monotonic one, in ms.
 */
export function createPace({ log, clock }: { log: Log; clock: () => number }) {
  const slowed = new Map<string, Slowed>()
  /** By `clock`. */
  const restingUntil = new Map<string, number>()
  const underWay = new Map<string, number>()
  const count = (provider: string) => underWay.get(provider) ?? 0

  return {
    /** For how long a new send waits until it is due with the others; undefined: it may go at once. */
    waitsMs(provider: string): number | undefined {
      const slow = slowed.get(provider)
      if (!slow) return undefined
      if (clock() < slow.nothingUntil) return slow.nothingUntil - clock()
      return count(provider) < slow.places ? undefined : slowedForMs
    },

    /** One send, counted while it is under way. */
    async counted<Sent>(provider: string, send: () => Promise<Sent>): Promise<Sent> {
      underWay.set(provider, count(provider) + 1)
      return send().finally(() => underWay.set(provider, count(provider) - 1))
    },

    places(provider: string): number {
      if (clock() < (restingUntil.get(provider) ?? 0)) return 0
      const { places, nothingUntil } = slowed.get(provider) ?? { places: placesAProvider, nothingUntil: 0 }
      return clock() < nothingUntil ? 0 : places
    },

    /** It takes one message after another, and the next after this time: until then it has no places. */
    rests(provider: string, forMs: number): void {
      restingUntil.set(provider, clock() + forMs)
    },

    took(provider: string): void {
      const before = slowed.get(provider)
      if (!before) return
      const taken = before.taken + 1
      if (taken < before.places) slowed.set(provider, { ...before, taken })
      else if (before.places + 1 < placesAProvider)
        slowed.set(provider, { ...before, places: before.places + 1, taken: 0 })
      else if (slowed.delete(provider)) log.info('provider_at_full_pace', { provider })
    },

    tooMany(provider: string, waitMs = slowedForMs): void {
      const before = slowed.get(provider)
      // Those that were under way with the first that was refused say nothing more.
      if (before && clock() < before.nothingUntil) return
      const places = Math.max(Math.floor((before?.places ?? placesAProvider) / 2), 1)
      slowed.set(provider, { places, taken: 0, nothingUntil: clock() + waitMs })
      if (!before) log.warn('provider_slowed', { provider, places, waitMs })
    },
  }
}
