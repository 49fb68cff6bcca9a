import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Outcome } from '#src/store/kept.ts'
import { type AttemptEnd, type Ended, type Tried, whereItStands } from './attempt-end.ts'

/** Writes down how attempts ended. Whatever happens is logged and returned, never thrown. */
export function createAttemptRecord({ ingest, owner, log }: { ingest: Ingest; owner: string; log: Log }) {
  return {
    /** `lost`: it is not known whether a next attempt was begun. If it was, it ends as this one. */
    async end(
      tried: Omit<Tried, 'at'>,
      { ended: end, event, besides = [] }: AttemptEnd,
      lost: boolean,
    ): Promise<Ended> {
      const { provider, message, attempt } = tried
      const ended = whereItStands(tried, end)
      const { status, code: errorCode, reason: errorMessage, ...known } = ended
      const ids = { messageId: message.id, attempt: attempt.number }
      const outcome: Outcome = { ...known, ...ids, errorCode, errorMessage }
      const unbegun: Outcome = { ...outcome, attempt: attempt.number + 1, owner, errorCode: 'not_begun' }
      const events = event ? [event, ...besides] : besides
      try {
        await ingest.record({
          events: events.map((told) => ({ event: told, requestId: attempt.requestId })),
          outcomes: lost ? [outcome, unbegun] : [outcome],
        })
      } catch (error) {
        // The lease will expire and make it unknown: what was not recorded must not be claimed to be known.
        log.error('attempt_not_recorded', { ...ids, provider: provider.name, error })
        return { ...ended, outcome: 'unknown' }
      }
      log.info('attempt_ended', {
        ...ids,
        provider: provider.name,
        outcome: ended.outcome,
        code: ended.code,
      })
      return ended
    },

    /** What became of the copies of an attempt that another one follows at once. */
    async copies(
      { message, attempt }: Omit<Tried, 'at'>,
      { besides = [] }: Pick<AttemptEnd, 'besides'>,
    ): Promise<void> {
      if (besides.length === 0) return
      const events = besides.map((event) => ({ event, requestId: attempt.requestId }))
      await ingest.record({ events, outcomes: [] }).catch((error) => {
        log.error('attempt_not_recorded', { messageId: message.id, attempt: attempt.number, error })
      })
    },
  }
}
