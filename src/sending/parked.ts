import { allParkedEveryMs, parkedRecentlyMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { ParkedPlace } from '#src/store/calls/events.ts'
import type { Store } from '#src/store/store.ts'

/**
 * Brings parked receipts and their messages together. Two transactions that could not see each other meet within moments: the
 * newest are looked at each time, the rest of the day is gone through now and then. `clock`: a monotonic one, in ms.
 */
export function createParked(options: { store: Pick<Store, 'matchParked'>; log: Log; clock: () => number }) {
  const { store, log, clock } = options
  /** How far the going through all of them has come. */
  let before: ParkedPlace | undefined
  let nextGoingThrough = Number.NEGATIVE_INFINITY

  return async function match(): Promise<void> {
    let { matched } = await store.matchParked({ withinMs: parkedRecentlyMs })
    const time = clock()
    if (before || time >= nextGoingThrough) {
      if (!before) nextGoingThrough = time + allParkedEveryMs
      const older = await store.matchParked({ before })
      before = older.reached
      matched += older.matched
    }
    if (matched > 0) log.info('parked_events_matched', { messages: matched })
  }
}
