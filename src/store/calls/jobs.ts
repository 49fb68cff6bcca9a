import * as answers from '../answers.ts'
import type { Call } from '../call.ts'
import type { Row } from '../kept.ts'

/** Work that follows from what was told, and what is needed to do it. */
export const jobsCalls = (call: Call) => ({
  async claimJobs(options: { owner: string; leaseSeconds: number; limit: number; now?: Date }) {
    return answers.jobs.parse(
      await call('claim_jobs', {
        owner: options.owner,
        lease_seconds: options.leaseSeconds,
        at_most: options.limit,
        as_of: options.now,
      }),
    )
  },

  async finishJob(id: number, owner: string): Promise<void> {
    await call('end_job', { job: id, by_owner: owner, error: null, retry_at: null, again: false })
  },

  /** Due again at `retryAt`, or given up where there is none. `counted`: whether this try counts. */
  async failJob(
    id: number,
    owner: string,
    failed: { code: string; message: string; retryAt: Date | undefined; counted: boolean },
  ): Promise<void> {
    const { code, message, retryAt, counted } = failed
    const error = { code, message }
    await call('end_job', { job: id, by_owner: owner, error, retry_at: retryAt, again: !counted })
  },

  async listDeadJobs(filter: {
    tenantId: string | undefined
    beforeId?: number
    limit: number
  }): Promise<Row[]> {
    const args = { tenant: filter.tenantId, before_id: filter.beforeId, at_most: filter.limit }
    return answers.rows.parse(await call('list_dead_jobs', args))
  },

  async replayDeadJob(id: number, tenantId: string | undefined) {
    return answers.revivedJob.parse(await call('replay_dead_job', { job: id, tenant: tenantId })).outcome
  },

  /** The message about an appointment that what a person wrote may answer, and when it was written. */
  async meantAppointment(inboundId: string) {
    return answers.meant.parse(await call('meant_appointment', { wanted: inboundId }))
  },

  async setLead(messageId: string, leadId: string): Promise<void> {
    await call('set_lead', { wanted: messageId, lead: leadId })
  },
})
