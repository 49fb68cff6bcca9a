import * as answers from '../answers.ts'
import type { Call } from '../call.ts'

/** What follows where nobody was reached. */
export const escalationsCalls = (call: Call) => ({
  /** The steps whose time has come, each with the message before it, as claimChecks gives one. */
  async dueEscalations(options: { limit: number; now?: Date }): Promise<answers.DueStep[]> {
    return answers.dueSteps.parse(
      await call('due_escalations', { at_most: options.limit, as_of: options.now }),
    )
  },

  async claimEscalations(ids: string[], options: { leaseSeconds: number; now?: Date }) {
    return answers.claimedSteps.parse(
      await call('claim_escalations', {
        wanted: ids,
        lease_seconds: options.leaseSeconds,
        as_of: options.now,
      }),
    )
  },

  /** The step could not even be reserved: it is over, and the next one is due. */
  async failEscalationStep(id: string, step: number, because: string): Promise<void> {
    await call('fail_escalation_step', { escalation: id, step, because })
  },
})
