import type { Recorded } from './calls/events.ts'
import { StoreError } from './database.ts'
import { type BatchRows, type EventRow, quarantinedEvent } from './rows.ts'
import type { Store } from './store.ts'

/**
 * Records a batch; where the database refuses it for one of its values, halves it until that event stands alone, and
 * quarantines it, and says so. Its neighbours are kept. Throws StoreError where nothing can be kept.
 */
export async function recordIsolated(
  store: Store,
  batch: BatchRows,
  refused: (event: EventRow, error: StoreError) => void,
): Promise<Recorded> {
  try {
    return await store.recordRows(batch)
  } catch (error) {
    const [culprit, ...others] = batch.events
    if (!culprit || !(error instanceof StoreError && error.badValue)) throw error
    if (others.length === 0) {
      const quarantined = [...batch.quarantined, quarantinedEvent(culprit, error.message)]
      const kept = await store.recordRows({ ...batch, events: [], quarantined })
      refused(culprit, error)
      return kept
    }
    const middle = Math.ceil(batch.events.length / 2)
    const first = await recordIsolated(store, { ...batch, events: batch.events.slice(0, middle) }, refused)
    const rest = { events: batch.events.slice(middle), outcomes: [], quarantined: [] }
    return sum(first, await recordIsolated(store, rest, refused))
  }
}

function sum(first: Recorded, second: Recorded): Recorded {
  return {
    recorded: first.recorded + second.recorded,
    repeated: first.repeated + second.repeated,
    parked: first.parked + second.parked,
    quarantined: first.quarantined + second.quarantined,
    handed_on: [...(first.handed_on ?? []), ...(second.handed_on ?? [])],
    states: [...(first.states ?? []), ...(second.states ?? [])],
  }
}
