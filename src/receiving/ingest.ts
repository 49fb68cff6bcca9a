import { AppError } from '#src/model/errors.ts'
import { commitLimitMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import { together } from '#src/runtime/together.ts'
import { packed, unpacked } from '#src/spool/batch.ts'
import type { Pending } from '#src/spool/folders.ts'
import type { Spool } from '#src/spool/spool.ts'
import { StoreError } from '#src/store/database.ts'
import type { Batch } from '#src/store/kept.ts'
import { type BatchRows, batchRows } from '#src/store/rows.ts'
import type { Store } from '#src/store/store.ts'
import { within } from '#src/store/within.ts'
import { bytesOf } from './bytes.ts'
import type { Recorder } from './recorder.ts'

/** About 1,000 ordinary events. */
const mostBytesACommit = 1_500_000
/** Of what the database is asked to take, or will be next: beyond that the disk is the better place to wait. */
const mostBytesHeld = 8_000_000

interface Waiting {
  rows: BatchRows
  bytes: number
  /** When it came, by performance.now(). */
  since: number
}

export type Ingest = ReturnType<typeof createIngest>

/**
 * How what webhooks and sends tell becomes durable. What arrives while a commit is running is written by the next,
 * together; what the database cannot take goes to the spool. `record` resolves when its batch is on a disk, and throws
 * AppError 503 where neither the database nor the spool takes it.
 */
export function createIngest(options: {
  store: Store
  recorder: Recorder
  spool: Spool
  log: Log
  now: () => Date
}) {
  const { store, recorder, spool, log, now } = options
  let heldBytes = 0
  let away = false

  const recordShared = together<Waiting, 'kept'>({
    async call(waiting) {
      const rows = merged(waiting.map(({ rows }) => rows))
      const letGo = () => {
        for (const { bytes } of waiting) heldBytes -= bytes
      }
      if (away) await keepOnDisk(rows).finally(letGo)
      // Also while nobody waits for it any more, its driver holds what the database has not taken.
      else await commit(rows, recorder(rows).finally(letGo), (waiting[0]?.since ?? 0) + commitLimitMs)
      return waiting.map(() => 'kept')
    },
    // Alone none would fare better: what the database refuses was isolated by then, and a full disk takes nobody's batch.
    alone: () => false,
    weight: ({ bytes }) => bytes,
    mostWeight: mostBytesACommit,
  })

  async function commit(rows: BatchRows, recording: ReturnType<Recorder>, deadline: number): Promise<void> {
    try {
      const patienceMs = Math.max(deadline - performance.now(), 0)
      const counts = await within(recording, patienceMs)
      log.debug('events_committed', { ...counts })
    } catch (error) {
      away = saysAway(error)
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

  /** What a segment of the spool holds, with as few commits as what is told now has: they wait for the same database. */
  async function recordSpooled(payloads: readonly Buffer[]): Promise<void> {
    let batches: BatchRows[] = []
    let bytes = 0
    for (const payload of payloads) {
      const rows = unpacked(payload)
      if (!rows) {
        await keepDamaged(payload, 'spool: a batch that cannot be read')
        continue
      }
      if (bytes + payload.length > mostBytesACommit) {
        await recordTogether(batches)
        batches = []
        bytes = 0
      }
      batches.push(rows)
      bytes += payload.length
    }
    await recordTogether(batches)
  }

  /**
   * Batches of the spool in one commit. Only what can never be recorded is set aside; whatever else goes wrong stops the
   * drain with everything in its place, until somebody has mended it.
   */
  async function recordTogether(batches: readonly BatchRows[]): Promise<void> {
    if (batches.length === 0) return
    const rows = merged(batches)
    try {
      await recorder(rows)
    } catch (error) {
      if (!(error instanceof StoreError && error.badValue)) throw error
      if (batches.length > 1) {
        for (const batch of batches) await recordTogether([batch])
        return
      }
      log.error('spooled_outcomes_refused', { error })
      await recorder({ ...rows, outcomes: [] })
      await keepDamaged(
        packed({ ...rows, events: [], quarantined: [] }),
        'spool: outcomes that the database refuses',
      )
    }
  }

  /** A database that can only be read answers too: so it is back when it has taken something, or nothing waits for it. */
  function back(): void {
    if (away) log.info('database_back', { ...spool.pending() })
    away = false
  }

  async function recordRows(rows: BatchRows, eventBytes: number | undefined): Promise<void> {
    const bytes = bytesOf(rows, eventBytes)
    if (heldBytes + bytes > mostBytesHeld) return keepOnDisk(rows)
    heldBytes += bytes
    await recordShared({ rows, bytes, since: performance.now() })
  }

  async function keepDamaged(bytes: Buffer, reason: string): Promise<void> {
    const quarantined = [{ provider: 'spool', bytes, reason, requestId: undefined, receivedAt: now() }]
    await recorder(batchRows({ quarantined }))
  }

  return {
    /** `eventBytes`: what the events were read in takes, where that is known (bytesOf). */
    async record(batch: Partial<Batch>, eventBytes?: number): Promise<void> {
      await recordRows(batchRows(batch), eventBytes)
    },

    /** Brings what lies in the spool into the database. Throws StoreError while that is away. */
    async drain(): Promise<void> {
      if (away) await store.schemaVersion()
      const draining = spool.drain({
        async commit(payloads) {
          await recordSpooled(payloads)
          back()
        },
        keepDamaged: (bytes) => keepDamaged(bytes, 'spool: a damaged record'),
      })
      await draining.catch((error) => {
        // A disk that fails says nothing of the database.
        if (!saysAway(error)) back()
        throw error
      })
      back()
    },

    /** Whether the database lacks something that we know: until it has that, nothing is decided on what it says. */
    behind: (): boolean => away || spool.pending().bytes > 0,

    state: (): Pending & { away: boolean } => ({ ...spool.pending(), away }),
  }
}

function saysAway(error: unknown): boolean {
  return error instanceof StoreError && error.away
}

function merged(batches: readonly BatchRows[]): BatchRows {
  return {
    events: batches.flatMap(({ events }) => events),
    outcomes: batches.flatMap(({ outcomes }) => outcomes),
    quarantined: batches.flatMap(({ quarantined }) => quarantined),
  }
}
