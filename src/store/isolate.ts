import type { Recorded } from './calls/events.ts'
import { StoreError } from './database.ts'
import { type BatchRows, quarantinedEvent } from './rows.ts'
import type { Store } from './store.ts'

/**
 * Records a batch; where the database refuses it for one of its values, halves it until that event stands alone, and
 * quarantines it. Its neighbours are kept. Throws StoreError where nothing can be kept.
 */
export async function recordIsolated(store: Store, batch: BatchRows): Promise<Recorded> {
  try {
    return await store.recordRows(batch)
  } catch (error) {
    const [culprit, ...others] = batch.events
    if (!culprit || !(error instanceof StoreError && error.badValue)) throw error
    if (others.length === 0) {
      const quarantined = [...batch.quarantined, quarantinedEvent(culprit, error.message)]
      return store.recordRows({ ...batch, events: [], quarantined })
    }
    const middle = Math.ceil(batch.events.length / 2)
    const first = await recordIsolated(store, { ...batch, events: batch.events.slice(0, middle) })
    const rest = { events: batch.events.slice(middle), outcomes: [], quarantined: [] }
    return sum(first, await recordIsolated(store, rest))
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
