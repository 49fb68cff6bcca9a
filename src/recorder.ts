import { tellFailedOver } from './fail-over.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Recorded } from './store/answers.ts'
import { recordIsolated } from './store/isolate.ts'
import type { BatchRows } from './store/rows.ts'
import type { Store } from './store/store.ts'

export type Recorder = ReturnType<typeof createRecorder>

/**
 * Writes a batch into the database and counts it, whoever told it: a webhook, the spool or a look-up. What the database
 * refuses is quarantined alone. An operator is alerted once where a provider takes nothing any more, whichever process
 * hears of it. Throws StoreError where nothing was kept.
 */
export function createRecorder({ store, metrics, log }: { store: Store; metrics: Metrics; log: Log }) {
  return async function record(rows: BatchRows): Promise<Omit<Recorded, 'states'>> {
    const done = metrics.commitSeconds.startTimer()
    try {
      const { states = [], ...recorded } = await recordIsolated(store, rows)
      metrics.events.inc({ result: 'recorded' }, recorded.recorded)
      metrics.events.inc({ result: 'repeated' }, recorded.repeated)
      metrics.events.inc({ result: 'quarantined' }, recorded.quarantined)
      for (const { message_id: messageId, handed_on: handedOn } of recorded.stamped)
        if (handedOn) tellFailedOver({ metrics, log }, { messageId, ...handedOn, code: 'cleared' })
      for (const { provider, state, open, was_open: wasOpen } of states) {
        if (!open) log.error('provider_stopped', { provider, state })
        else if (!wasOpen) log.info('provider_resumed', { provider, state })
      }
      return recorded
    } finally {
      done()
    }
  }
}
