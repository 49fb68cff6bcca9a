import { setTimeout as pause } from 'node:timers/promises'
import type { Pace } from '#src/carriers/pace.ts'
import { workEveryMs } from '#src/patience.ts'

export type Places = ReturnType<typeof createPlaces>

/**
 * The sends that the worker has under way. A provider of which as many are as it has places is given no more; with less it may
 * be given as many again, since what is due is claimed for all providers by one number.
 */
export function createPlaces({
  pace,
  oneByOne,
}: {
  pace: Pick<Pace, 'places' | 'rests'>
  oneByOne: ReadonlySet<string>
}) {
  const underWay = new Map<string, Map<string, Promise<void>>>()
  let waitedFor: readonly string[] = []
  let freed = Promise.withResolvers<void>()

  function half(provider: string): boolean {
    return (underWay.get(provider)?.size ?? 0) <= pace.places(provider) / 2
  }

  return {
    /** How many sends of a provider may be begun now: as many as it has places, one where each waits for its turn, or none. */
    room(provider: string): number {
      const places = pace.places(provider)
      if ((underWay.get(provider)?.size ?? 0) >= places) return 0
      return oneByOne.has(provider) ? 1 : places
    },

    /** A send is under way until it has ended. */
    take(provider: string, id: string, sending: Promise<void>): void {
      const sends = underWay.get(provider) ?? new Map()
      underWay.set(provider, sends.set(id, sending))
      // Until it is known whether this is its turn, and when the next one is, no other is begun.
      if (oneByOne.has(provider)) pace.rests(provider, workEveryMs)
      void sending.finally(() => {
        sends.delete(id)
        if (waitedFor.includes(provider) && half(provider)) freed.resolve()
      })
    },

    /**
     * Resolves when one of these providers has half of its places again, since each look at what is due costs; at the latest
     * after `atMostMs`, or when a stop is asked for.
     */
    async again(providers: readonly string[], atMostMs: number, stopping: AbortSignal): Promise<void> {
      if (providers.some(half)) return
      waitedFor = providers
      freed = Promise.withResolvers()
      await Promise.race([freed.promise, pause(atMostMs, undefined, { signal: stopping }).catch(() => {})])
    },

    /** Resolves when what is under way has ended. */
    async ended(): Promise<void> {
      await Promise.all([...underWay.values()].flatMap((sends) => [...sends.values()]))
    },
  }
}
