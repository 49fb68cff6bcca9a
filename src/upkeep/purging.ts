import { purgedEveryMs, purgesARound } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Store } from '#src/store/store.ts'

/**
 * Goes through what is kept for a while only, once a day and some rows at a time, and lets go of what is not needed any more.
 * Several processes may do so on one database: what is gone is gone.
 */
export function createPurging(options: {
  store: Pick<Store, 'purgePayloads' | 'purgeKeys'>
  log: Log
  clock: () => number
}) {
  const { store, log, clock } = options

  const walks = [walk('payloads', store.purgePayloads), walk('idempotency_keys', store.purgeKeys)]

  function walk<Place>(
    what: string,
    purge: (after: Place | undefined) => Promise<{ purged: number; reached: Place | undefined }>,
  ) {
    let place: Place | undefined
    let purgedSoFar = 0
    let nextAt = Number.NEGATIVE_INFINITY
    return async (): Promise<void> => {
      if (clock() < nextAt) return
      const { purged, reached } = await purge(place)
      place = reached
      purgedSoFar += purged
      if (reached !== undefined) return
      if (purgedSoFar > 0) log.info('purged', { what, rows: purgedSoFar })
      purgedSoFar = 0
      nextAt = clock() + purgedEveryMs
    }
  }

  return {
    async round(stopping: AbortSignal): Promise<void> {
      for (let count = 0; count < purgesARound && !stopping.aborted; count++)
        for (const some of walks) await some()
    },
  }
}
