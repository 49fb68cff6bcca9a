import type { Log } from '#src/runtime/log.ts'
import { packed, unpacked } from '#src/spool/batch.ts'
import { StoreError } from '#src/store/database.ts'
import { type BatchRows, batchRows } from '#src/store/rows.ts'
import type { Recorder } from './recorder.ts'

/** About 1,000 ordinary events. */
export const mostBytesACommit = 1_500_000

/** Brings what lay on the disk into the database. */
export function createSpooled(options: { recorder: Recorder; log: Log; now: () => Date }) {
  const { recorder, log, now } = options

  /** What a segment of the spool holds, with as few commits as what is told now has: they wait for the same database. */
  async function record(payloads: readonly Buffer[]): Promise<void> {
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

  async function keepDamaged(bytes: Buffer, reason: string): Promise<void> {
    const quarantined = [{ provider: 'spool', bytes, reason, requestId: undefined, receivedAt: now() }]
    await recorder(batchRows({ quarantined }))
  }

  return { record, keepDamaged: (bytes: Buffer) => keepDamaged(bytes, 'spool: a damaged record') }
}

export function merged(batches: readonly BatchRows[]): BatchRows {
  return {
    events: batches.flatMap(({ events }) => events),
    outcomes: batches.flatMap(({ outcomes }) => outcomes),
    quarantined: batches.flatMap(({ quarantined }) => quarantined),
  }
}
