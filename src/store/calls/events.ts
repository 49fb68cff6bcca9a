import { z } from 'zod'
import { jobsOf } from '#src/model/job.ts'
import { clockSkewMs, guessedWithinMs, parkedForMs, parkedLookedAtOnce } from '#src/patience.ts'
import { type Call, heard, type Moment } from '../call.ts'
import { channelOrNone, textOrNone, timeOrNone } from '../columns.ts'
import type { Batch } from '../kept.ts'
import { type BatchRows, batchRows } from '../rows.ts'

const recorded = z.object({
  recorded: z.number(),
  repeated: z.number(),
  parked: z.number(),
  quarantined: z.number(),
  /** The messages that a provider took back, and which provider has them to send now. */
  handed_on: z.array(z.object({ message_id: z.string(), from: z.string(), to: z.string() })).optional(),
  /** The providers that say something else of themselves now. */
  states: z
    .array(z.object({ provider: z.string(), state: z.string(), open: z.boolean(), was_open: z.boolean() }))
    .optional(),
})
export type Recorded = z.infer<typeof recorded>

/** A message that its provider is asked about. */
export const messageToAsk = z.object({
  id: z.string(),
  provider: z.string(),
  provider_message_id: textOrNone,
  channel: channelOrNone,
  recipient: z.string(),
  status: z.string(),
  request_id: textOrNone,
  /** When its last attempt began. */
  attempted_at: timeOrNone,
})
export type MessageToAsk = z.infer<typeof messageToAsk>

const place = z.object({ time: z.string(), id: z.number() })
const matched = z.object({
  matched: z.number(),
  /** Where the look came to, if there may be more before it. */
  reached: place.optional(),
})
export type ParkedPlace = z.infer<typeof place>

/** How an event that names no message finds one (match_event). */
export const matching = { guess_seconds: guessedWithinMs / 1_000, skew_seconds: clockSkewMs / 1_000 }

/** How what is told of messages is kept, and which provider to ask for what nobody told. */
export const eventsCalls = (call: Call, moment: Moment) => ({
  /** A batch as its rows: what the spool keeps is recorded as it is. A replay's may have no effects. */
  async recordRows(
    { events, outcomes, quarantined }: BatchRows,
    { effects = true }: { effects?: boolean } = {},
  ): Promise<Recorded> {
    const follows = effects ? jobsOf : null
    return recorded.parse(
      await call('record_events', { events, outcomes, quarantined, follows, ...matching }),
    )
  },

  async recordEvents(batch: Batch): Promise<Recorded> {
    return this.recordRows(batchRows(batch))
  },

  /** The pause between two checks doubles, from the first to the longest; `untilSeconds` after its send there is none. */
  async claimChecks(options: {
    limit: number
    firstPauseSeconds: number
    longestPauseSeconds: number
    untilSeconds: number
    now?: Date
  }): Promise<MessageToAsk[]> {
    return z.array(messageToAsk).parse(
      await call('claim_checks', {
        at_most: options.limit,
        first_pause_seconds: options.firstPauseSeconds,
        longest_pause_seconds: options.longestPauseSeconds,
        until_seconds: options.untilSeconds,
        as_of: options.now ?? moment(),
        ...heard,
      }),
    )
  },

  async lastInbound(provider: string): Promise<Date | undefined> {
    return timeOrNone.parse(await call('last_inbound', { told_by: provider }))
  },

  /** Whether the provider's queue is to be emptied now, by the caller. */
  async claimStaleQueue(options: {
    provider: string
    staleSeconds: number
    pauseSeconds: number
    now?: Date
  }): Promise<boolean> {
    return z.boolean().parse(
      await call('claim_stale_queue', {
        of_provider: options.provider,
        stale_seconds: options.staleSeconds,
        pause_seconds: options.pauseSeconds,
        as_of: options.now ?? moment(),
      }),
    )
  },

  /** Looks at some of the receipts that are parked: the newest, or those before a place that an earlier look reached. */
  async matchParked(options: { before?: ParkedPlace | undefined; withinMs?: number; now?: Date } = {}) {
    const { before, withinMs = parkedForMs, now } = options
    return matched.parse(
      await call('match_parked', {
        before_time: before?.time,
        before_id: before?.id,
        within_seconds: withinMs / 1_000,
        at_most: parkedLookedAtOnce,
        as_of: now,
        follows: jobsOf,
        ...matching,
      }),
    )
  },
})
