import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import { createIngest } from '#src/receiving/ingest.ts'
import { createRecorder } from '#src/receiving/recorder.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import type { Recorded } from '#src/store/calls/events.ts'
import { StoreError } from '#src/store/database.ts'
import type { BatchRows } from '#src/store/rows.ts'
import type { Store } from '#src/store/store.ts'
import { batchOf, event } from '#support/facts.ts'
import { now, silentLog, spoolIn, temporaryFolder } from '#support/spool.ts'

const nothing: Recorded = { recorded: 0, repeated: 0, parked: 0, quarantined: 0 }
/** What a store throws that cannot be reached. */
export const away = new StoreError('08006', 'away')
export const log = silentLog()

/** A store that only knows commits and whether it is there. */
export function stubStore(commit: (rows: BatchRows) => Promise<void> = async () => {}) {
  const commits: BatchRows[] = []
  const recordRows = vi.fn(async (rows: BatchRows) => {
    await commit(rows)
    commits.push(rows)
    return nothing
  })
  const schemaVersion = vi.fn(async () => ({ version: 1, functions: '' }))
  const calls = { endExpiredAttempts: vi.fn(), matchParked: vi.fn(), claimDue: vi.fn() }
  const store = { recordRows, schemaVersion, ...calls } as unknown as Store
  const ids = () => commits.flatMap(({ events }) => events.map(({ event_id: id }) => id))
  return { store, commits, recordRows, schemaVersion, calls, ids }
}

/** An ingest on that store, with a spool in a folder of the test's. */
export async function ingestOn(stub: ReturnType<typeof stubStore>, dataDir = temporaryFolder()) {
  const spool = await spoolIn(dataDir)
  const recorder = createRecorder({
    store: stub.store,
    stops: { opened() {} },
    metrics: createMetrics(),
    log,
  })
  return {
    ingest: createIngest({ store: stub.store, recorder, spool, log, now }),
    spool,
    dataDir,
  }
}

/** One event. */
export const told = (eventId: string = randomUUID(), raw: unknown = {}) => batchOf([event({ eventId, raw })])
