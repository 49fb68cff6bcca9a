import { AppError } from '#src/model/errors.ts'
import { commitLimitMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import { together } from '#src/runtime/together.ts'
import { packed } from '#src/spool/batch.ts'
import type { Pending } from '#src/spool/folders.ts'
import type { Spool } from '#src/spool/spool.ts'
import { StoreError } from '#src/store/database.ts'
import type { Batch } from '#src/store/kept.ts'
import { type BatchRows, batchRows } from '#src/store/rows.ts'
import type { Store } from '#src/store/store.ts'
import { within } from '#src/store/within.ts'
import { bytesOf } from './bytes.ts'
import { createDatabaseWatch, type DatabaseWord } from './database-watch.ts'
import type { Recorder } from './recorder.ts'
import { createSpooled, merged, mostBytesACommit } from './spooled.ts'

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
  const spooled = createSpooled({ recorder, log, now })
  let heldBytes = 0
  const watch = createDatabaseWatch({ waits: () => spool.pending().bytes > 0, log })
  /** What the database is asked to take, or will be next, the oldest first. */
  const held = new Set<Waiting>()

  const recordShared = together<Waiting, number>({
    async call(waiting) {
      const rows = merged(waiting.map(({ rows }) => rows))
      const letGo = () => {
        for (const { bytes } of waiting) heldBytes -= bytes
      }
      let refused: ReadonlySet<unknown> = new Set()
      if (watch.diverts()) await keepOnDisk(rows).finally(letGo)
      // Also while nobody waits for it any more, its driver holds what the database has not taken.
      else
        refused = await commit(rows, recorder(rows).finally(letGo), (waiting[0]?.since ?? 0) + commitLimitMs)
      return waiting.map(({ rows }) => rows.events.filter((event) => refused.has(event)).length)
    },
    // Alone none would fare better: what the database refuses was isolated by then, and a full disk takes nobody's batch.
    alone: () => false,
    weight: ({ bytes }) => bytes,
    mostWeight: mostBytesACommit,
  })

  /** Answers what the database refused, as far as that is known: of what goes to the disk it is known later. */
  async function commit(
    rows: BatchRows,
    recording: ReturnType<Recorder>,
    deadline: number,
  ): Promise<ReadonlySet<unknown>> {
    try {
      const patienceMs = Math.max(deadline - performance.now(), 0)
      const { counts, refused } = await within(recording, patienceMs)
      log.debug('events_committed', { ...counts })
      return refused
    } catch (error) {
      const events = rows.events.length
      if (isLate(error)) watch.late({ events })
      else if (saysAway(error)) watch.away({ events, error })
      else log.error('commit_failed', { events, error })
      await keepOnDisk(rows)
      return new Set()
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

  /** It is away where it does not even answer this; a drain that fails may have met load alone. */
  async function answers(): Promise<void> {
    try {
      await store.schemaVersion()
    } catch (error) {
      if (saysAway(error)) watch.away({ error })
      throw error
    }
  }

  const back = () => watch.took(spool.pending())

  async function recordRows(rows: BatchRows, eventBytes: number | undefined): Promise<number> {
    const bytes = bytesOf(rows, eventBytes)
    if (heldBytes + bytes > mostBytesHeld) {
      await keepOnDisk(rows)
      return 0
    }
    heldBytes += bytes
    const waiting = { rows, bytes, since: performance.now() }
    held.add(waiting)
    return recordShared(waiting).finally(() => held.delete(waiting))
  }

  return {
    /**
     * `eventBytes`: what the events were read in takes, where that is known (bytesOf). Answers how many events cannot be kept as
     * such, and are quarantined.
     */
    async record(batch: Partial<Batch>, eventBytes?: number): Promise<number> {
      const rows = batchRows(batch)
      const unstorable = (batch.events?.length ?? 0) - rows.events.length
      return unstorable + (await recordRows(rows, eventBytes))
    },

    /** Brings what lies in the spool into the database. Throws StoreError while that is away. */
    async drain(): Promise<void> {
      if (watch.word() !== 'there') await answers()
      const draining = spool.drain({
        async commit(payloads) {
          await spooled.record(payloads)
          back()
        },
        keepDamaged: spooled.keepDamaged,
      })
      await draining.catch((error) => {
        // A disk that fails says nothing of the database.
        if (!saysAway(error)) back()
        throw error
      })
      back()
    },

    /** Whether the database answers, and whether it has all that we know. */
    word: (): DatabaseWord => watch.word(),

    /** For how long the database has lacked the oldest of what we know and it does not; 0: it lacks nothing. */
    lacksForMs(): number {
      const [oldest] = held
      const heldForMs = oldest ? performance.now() - oldest.since : 0
      return Math.max(heldForMs, spool.oldestForMs())
    },

    state: (): Pending & { word: DatabaseWord } => ({ ...spool.pending(), word: watch.word() }),
  }
}

/** Not in the time that whoever told it waits: the database may have much to do. */
function isLate(error: unknown): boolean {
  return error instanceof StoreError && error.sqlstate === '57014'
}

function saysAway(error: unknown): boolean {
  return error instanceof StoreError && error.away
}
