import type { ProviderName } from './line.ts'

/**
 * `down`: every call gets 500 (SMTP 421). `timeout`: every call hangs. `refuse`: every call is turned away with 429
 * (SMTP 451), which proves that nothing was taken. None of them accepts a message.
 */
export const outageKinds = ['down', 'timeout', 'refuse'] as const
export type OutageKind = (typeof outageKinds)[number]

export interface Outage {
  provider: ProviderName
  kind: OutageKind
  /** Ends after this many attempts to send; look-ups fail too, but do not count. */
  count?: number | undefined
  /** Ends after this time. Neither: it lasts until it is ended. */
  seconds?: number | undefined
}

export interface Outages {
  begin(outage: Outage): void
  /** The outage that this call meets; a call that sends uses up one of its `count`. */
  meet(provider: ProviderName, sends: boolean): OutageKind | undefined
  list(): Outage[]
  end(): void
}

export function createOutages(now: () => Date): Outages {
  const current = new Map<ProviderName, { outage: Outage; left: number; endsAt: number }>()

  function live(provider: ProviderName) {
    const entry = current.get(provider)
    if (entry && (entry.left <= 0 || now().getTime() >= entry.endsAt)) current.delete(provider)
    return current.get(provider)
  }

  return {
    begin(outage) {
      const { provider, count = Infinity, seconds = Infinity } = outage
      current.set(provider, { outage, left: count, endsAt: now().getTime() + seconds * 1_000 })
    },
    meet(provider, sends) {
      const entry = live(provider)
      if (entry && sends) entry.left--
      return entry?.outage.kind
    },
    list: () => [...current.keys()].flatMap((provider) => live(provider)?.outage ?? []),
    end: () => current.clear(),
  }
}
