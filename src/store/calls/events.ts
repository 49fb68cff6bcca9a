import type { Recorded } from '../answers.ts'
import * as answers from '../answers.ts'
import type { Call } from '../call.ts'
import type { Batch, Row } from '../kept.ts'
import { type BatchRows, batchRows } from '../rows.ts'

/** How what is told of messages is kept, and whom to ask for what nobody told. */
export const eventsCalls = (call: Call) => ({
  /** A batch as its rows: what the spool keeps is recorded as it is. A replay's may have no effects. */
  async recordRows(
    { events, outcomes, quarantined }: BatchRows,
    { effects = true }: { effects?: boolean } = {},
  ): Promise<Recorded> {
    return answers.recorded.parse(await call('record_events', { events, outcomes, quarantined, effects }))
  },

  async recordEvents(batch: Batch): Promise<Recorded> {
    return this.recordRows(batchRows(batch))
  },

  async claimChecks(options: { limit: number; firstPauseSeconds: number; now?: Date }): Promise<Row[]> {
    return answers.rows.parse(
      await call('claim_checks', {
        at_most: options.limit,
        first_pause_seconds: options.firstPauseSeconds,
        as_of: options.now,
      }),
    )
  },

  async lastInbound(provider: string): Promise<Date | undefined> {
    return answers.time.parse(await call('last_inbound', { told_by: provider }))
  },

  /** Whether the provider's queue is to be emptied now, by the caller. */
  async claimStaleQueue(options: {
    provider: string
    staleSeconds: number
    pauseSeconds: number
    now: Date
  }): Promise<boolean> {
    return answers.yes.parse(
      await call('claim_stale_queue', {
        of_provider: options.provider,
        stale_seconds: options.staleSeconds,
        pause_seconds: options.pauseSeconds,
        as_of: options.now,
      }),
    )
  },

  async matchParkedEvents(now?: Date, withinSeconds = 86_400): Promise<number> {
    return answers.matched.parse(
      await call('match_parked_events', { within_seconds: withinSeconds, as_of: now }),
    ).matched
  },
})
