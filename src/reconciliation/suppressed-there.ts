import type { Provider } from '#src/contract/provider.ts'
import type { MessageEvent } from '#src/model/event.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import { suppressedBackMs, suppressedListedEveryMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Store } from '#src/store/store.ts'

/** Compared and recorded together. */
const atOnce = 500

/**
 * Brings what the providers know and we do not into step, once a day: whom one of them writes to no more is not written to by
 * anybody, and whom a person has freed here since is freed there as well. `record` keeps events and says how many were new.
 */
export function createSuppressedThere(tools: {
  store: Store
  providers: ReadonlyMap<string, Provider>
  record: (events: MessageEvent[]) => Promise<number>
  log: Log
  now: () => Date
  clock: () => number
}) {
  const { store, providers, record, log, now, clock } = tools
  let listedAt = Number.NEGATIVE_INFINITY

  async function compare(provider: Provider, since: Date): Promise<void> {
    const listed = (await provider.suppressedSince?.(since)) ?? []
    const told = listed.flatMap((event) =>
      event.recipient === undefined ? [] : [{ ...event, recipient: keptAddress(event.recipient) }],
    )
    let [missed, freed] = [0, 0]
    for (let at = 0; at < told.length; at += atOnce) {
      const some = told.slice(at, at + atOnce)
      const { unknown, released } = await store.compareSuppressions(some.map(shortly))
      missed += await record(unknown.flatMap((place) => some[place] ?? []))
      freed += await free(provider, released)
    }
    if (missed > 0) log.warn('missed_suppressions_found', { provider: provider.name, suppressions: missed })
    if (freed > 0) log.info('released_at_provider', { provider: provider.name, suppressions: freed })
  }

  /** How many it writes to again; one of whom it will not keeps none of the others from it. */
  async function free(provider: Provider, released: readonly { address: string; asked: boolean }[]) {
    let freed = 0
    for (const { address, asked } of released)
      try {
        await provider.unsuppress?.(address, asked)
        freed++
      } catch (error) {
        log.warn('release_at_provider_failed', { provider: provider.name, error })
      }
    return freed
  }

  return {
    async round(stopping?: AbortSignal): Promise<void> {
      if (stopping?.aborted || clock() - listedAt < suppressedListedEveryMs) return
      listedAt = clock()
      for (const provider of providers.values())
        await compare(provider, new Date(now().getTime() - suppressedBackMs)).catch((error) =>
          log.warn('suppressions_look_up_failed', { provider: provider.name, error }),
        )
    },
  }
}

function shortly({ recipient, occurredAt, bounceClass }: MessageEvent & { recipient: string }) {
  return { address: recipient, since: occurredAt, dead: bounceClass === 'hard' }
}
