import { z } from 'zod'
import { databaseAnswersMs, workEveryMs } from '#src/patience.ts'
import type { Call } from '../call.ts'

const turn = z.object({ granted: z.boolean(), wait_seconds: z.number() })

/** Whose turn it is where a provider takes so many an hour. */
export const turnsCalls = (call: Call) => ({
  /** Whether a message may go now by a provider that takes one each `gapMs`, and for how long it, or else the next one, waits. */
  async takeTurn(messageId: string, provider: string, asked: { inLine: boolean; gapMs: number; now?: Date }) {
    const { granted, wait_seconds: seconds } = turn.parse(
      await call('take_turn', {
        wanted: messageId,
        by_provider: provider,
        in_line: asked.inLine,
        gap_seconds: asked.gapMs / 1_000,
        late_seconds: workEveryMs / 1_000,
        telling_seconds: databaseAnswersMs / 1_000,
        as_of: asked.now,
      }),
    )
    return { granted, waitMs: Math.max(Math.ceil(seconds * 1_000), 0) }
  },
})
