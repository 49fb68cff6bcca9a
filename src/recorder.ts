import type { Metrics } from './metrics.ts'
import type { Recorded } from './store/answers.ts'
import { recordIsolated } from './store/isolate.ts'
import type { BatchRows } from './store/rows.ts'
import type { Store } from './store/store.ts'

export type Recorder = ReturnType<typeof createRecorder>

/**
 * Writes a batch into the database and counts it, whoever told it: a webhook, the spool or a look-up. What the database
 * refuses is quarantined alone. Throws StoreError where nothing was kept.
 */
export function createRecorder({ store, metrics }: { store: Store; metrics: Metrics }) {
  return async function record(rows: BatchRows): Promise<Recorded> {
    const done = metrics.commitSeconds.startTimer()
    try {
      const recorded = await recordIsolated(store, rows)
      metrics.events.inc({ result: 'recorded' }, recorded.recorded)
      metrics.events.inc({ result: 'repeated' }, recorded.repeated)
      metrics.events.inc({ result: 'quarantined' }, recorded.quarantined)
      return recorded
    } finally {
      done()
    }
  }
}
