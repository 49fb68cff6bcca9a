import type { Provider } from '#src/contract/provider.ts'
import { staleQueueAfterMs, staleQueueEveryMs } from '#src/patience.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Store } from '#src/store/store.ts'

/**
 * Takes back what lies too long with a provider that holds it for a phone which is away: else it goes out when the phone
 * is back, as late as a day after. One process at a time does so; nothing is taken from a provider that sends.
 */
export function createStaleQueues(options: {
  store: Store
  ingest: Ingest
  providers: ReadonlyMap<string, Provider>
  log: Log
}) {
  const { store, ingest, providers, log } = options
  const emptied = [...providers.values()].filter(({ clearQueue }) => clearQueue)

  function isDue({ name }: Provider): Promise<boolean> {
    return store.claimStaleQueue({
      provider: name,
      staleSeconds: staleQueueAfterMs / 1_000,
      pauseSeconds: staleQueueEveryMs / 1_000,
    })
  }

  async function empty(provider: Provider): Promise<void> {
    // It may be back, and the webhook that says so still under way.
    const state = await provider.state?.()
    if (state) await ingest.record({ events: [{ event: state, requestId: undefined }] })
    if (state?.providerState?.open) return
    const events = (await provider.clearQueue?.()) ?? []
    if (events.length === 0) return
    await ingest.record({ events: events.map((event) => ({ event, requestId: undefined })) })
    const cleared = events.filter(({ type }) => type === 'failed').length
    log.warn('queue_cleared', { provider: provider.name, messages: cleared })
  }

  return {
    async round(stopping?: AbortSignal): Promise<void> {
      for (const provider of emptied) {
        if (stopping?.aborted || !(await isDue(provider))) continue
        await empty(provider).catch((error) =>
          log.warn('queue_not_cleared', { provider: provider.name, error }),
        )
      }
    },
  }
}
