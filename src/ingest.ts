import { AppError } from './errors.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { packed, unpacked } from './spool/batch.ts'
import type { Pending, Spool } from './spool/spool.ts'
import { StoreError } from './store/database.ts'
import { recordIsolated } from './store/isolate.ts'
import { type BatchRows, batchRows } from './store/rows.ts'
import type { Batch, Store } from './store/store.ts'
import { within } from './store/within.ts'

/** A webhook is to be answered within 500 ms: what the database has not taken by then goes to the disk. */
const commitLimitMs = 400
const mostEventsACommit = 1_000
/** About 20 MB of ordinary events: beyond that the disk is the better place for them to wait. */
const mostEventsWaiting = 20_000

interface Waiting {
  rows: BatchRows
  /** When it came, by performance.now(). */
  since: number
  resolve: () => void
  reject: (error: unknown) => void
}

export type Ingest = ReturnType<typeof createIngest>

/**
 * The one way by which events and outcomes become durable. What arrives while a commit is running is written by the next,
 * together; what the database cannot take goes to the spool. `record` resolves when its batch is on a disk, and throws
 * AppError 503 where neither the database nor the spool takes it.
 */
export function createIngest(options: {
  store: Store
  spool: Spool
  metrics: Metrics
  log: Log
  now: () => Date
}) {
  const { store, spool, metrics, log, now } = options
  let queue: Waiting[] = []
  let waitingEvents = 0
  let committing = false
  let away = false

  async function commitQueued(): Promise<void> {
    committing = true
    while (queue.length > 0) {
      const shared = nextOf(queue)
      queue = queue.slice(shared.length)
      const rows = merged(shared)
      waitingEvents -= rows.events.length
      try {
        await (away ? keepOnDisk(rows) : commit(rows, (shared[0]?.since ?? 0) + commitLimitMs))
        for (const { resolve } of shared) resolve()
      } catch (error) {
        for (const { reject } of shared) reject(error)
      }
    }
    committing = false
  }

  async function commit(rows: BatchRows, deadline: number): Promise<void> {
    const startedAt = performance.now()
    try {
      const { stamped, ...counts } = await within(
        recordIsolated(store, rows),
        Math.max(deadline - startedAt, 0),
      )
      const durationMs = Math.round(performance.now() - startedAt)
      metrics.commitSeconds.observe(durationMs / 1_000)
      for (const [result, count] of Object.entries(counts)) metrics.events.inc({ result }, count)
      log.debug('events_committed', { ...counts, stamped: stamped.length, durationMs })
    } catch (error) {
      away = error instanceof StoreError && error.away
      log.error(away ? 'database_away' : 'commit_failed', { events: rows.events.length, error })
      await keepOnDisk(rows)
    }
  }

  async function keepOnDisk(rows: BatchRows): Promise<void> {
    try {
      await spool.append(packed(rows))
    } catch (cause) {
      log.error('spool_failed', { events: rows.events.length, error: cause })
      throw new AppError(
        'store_unavailable',
        503,
        'neither the database nor the disk can keep this now (try again)',
        {
          cause,
        },
      )
    }
  }

  async function recordSpooled(payload: Buffer): Promise<void> {
    try {
      await recordIsolated(store, unpacked(payload))
    } catch (error) {
      if (error instanceof StoreError && (error.away || error.collided)) throw error
      log.error('spooled_batch_refused', { error })
      await keepDamaged(payload, 'spool: the database refuses this batch')
    }
  }

  async function keepDamaged(bytes: Buffer, reason: string): Promise<void> {
    const quarantined = [{ provider: 'spool', bytes, reason, requestId: undefined, receivedAt: now() }]
    await store.recordRows(batchRows({ quarantined }))
  }

  return {
    record(batch: Partial<Batch>): Promise<void> {
      const rows = batchRows(batch)
      if (waitingEvents + rows.events.length > mostEventsWaiting) return keepOnDisk(rows)
      waitingEvents += rows.events.length
      return new Promise((resolve, reject) => {
        queue.push({ rows, since: performance.now(), resolve, reject })
        if (!committing) void commitQueued()
      })
    },

    /**
     * Brings what lies in the spool into the database. Resolves to whether nothing is left, here or in the spool of
     * another process: only then is what the database says all that is known.
     */
    async drain(): Promise<boolean> {
      if (away) {
        await store.schemaVersion()
        away = false
        log.info('database_back', { ...spool.pending() })
      }
      await spool.drain({
        commit: recordSpooled,
        keepDamaged: (bytes) => keepDamaged(bytes, 'spool: a damaged record'),
      })
      return spool.pending().bytes === 0
    },

    state: (): Pending & { away: boolean } => ({ ...spool.pending(), away }),
  }
}

/** As many of those that wait as one commit should hold; at least one. */
function nextOf(queue: readonly Waiting[]): Waiting[] {
  let events = 0
  const end = queue.findIndex(({ rows }, index) => {
    events += rows.events.length
    return index > 0 && events > mostEventsACommit
  })
  return queue.slice(0, end < 0 ? queue.length : end)
}

function merged(shared: readonly Waiting[]): BatchRows {
  return {
    events: shared.flatMap(({ rows }) => rows.events),
    outcomes: shared.flatMap(({ rows }) => rows.outcomes),
    quarantined: shared.flatMap(({ rows }) => rows.quarantined),
  }
}
