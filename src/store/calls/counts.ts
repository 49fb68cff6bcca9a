import { z } from 'zod'
import { countedAfterMs, countedAtOnce, settledAfterMs, settledAtOnce } from '#src/patience.ts'
import type { Call } from '../call.ts'

const counted = z.object({ more: z.boolean() })

/** What is counted of messages, so that nobody has to read them for it. */
export const countsCalls = (call: Call) => ({
  /** Counts some of what lies back, and an hour again of which something became known since; whether there is more. */
  async countMessages(): Promise<boolean> {
    const args = { settled_seconds: countedAfterMs / 1_000, at_most: countedAtOnce }
    return counted.parse(await call('count_messages', args)).more
  },

  /** Marks some of the events that lie back and tell a once-only fact again; whether there is more. */
  async settleEvents(): Promise<boolean> {
    const args = { settled_seconds: settledAfterMs / 1_000, at_most: settledAtOnce }
    return counted.parse(await call('settle_events', args)).more
  },
})
