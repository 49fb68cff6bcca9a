import type { Provider } from '#src/contract/provider.ts'
import type { Log } from '#src/runtime/log.ts'

export interface ReleasedThere {
  provider: string
  /** Whether it writes to the address again; where not, it is asked again within a day. */
  released: boolean
}

/** Asks each provider that has a list of its own to write to an address of email again (Provider.unsuppress). Never throws. */
export function releaseThere(
  providers: ReadonlyMap<string, Provider>,
  log: Log,
): (address: string, asked: boolean) => Promise<ReleasedThere[]> {
  return (address, asked) =>
    Promise.all(
      [...providers.values()].flatMap((provider) => {
        const asking = provider.unsuppress?.(address, asked)
        if (!asking) return []
        return asking.then(
          () => ({ provider: provider.name, released: true }),
          (error: unknown) => {
            log.warn('release_at_provider_failed', { provider: provider.name, error })
            return { provider: provider.name, released: false }
          },
        )
      }),
    )
}
