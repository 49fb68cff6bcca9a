import type { EscalationStep } from '#src/model/send-request.ts'
import type { ShownEscalation } from '#src/store/shown.ts'

/**
 * The escalation of a first message that was just refused, as refresh_escalations leaves it: its next step is due at once,
 * unless the message came too late, which ends it.
 */
export function afterRefusal(
  id: string,
  steps: readonly EscalationStep[],
  over: boolean,
  at: Date,
): ShownEscalation {
  return {
    id,
    reached_by: null,
    steps: steps.map(({ channel, unless, afterSeconds }, index) => ({
      number: index + 1,
      channel,
      unless,
      after_seconds: afterSeconds,
      state: over ? 'cancelled' : 'waiting',
      reason: over || index === 0 ? 'failed' : null,
      due_at: !over && index === 0 ? at.toISOString() : null,
      message_id: null,
    })),
  }
}

/** That another message goes out, for a caller who would send one; empty: none does. */
export function wordOnFollowing({ steps }: ShownEscalation): string {
  const next = steps.find(({ state }) => state === 'waiting' || state === 'claimed' || state === 'sent')
  if (!next) return ''
  return next.state === 'sent'
    ? `; its escalation went on by ${next.channel} (ask for the message: escalation says what became of it)`
    : `; its escalation goes on by ${next.channel} (do not send it again yourself)`
}
