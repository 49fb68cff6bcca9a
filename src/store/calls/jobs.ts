import { z } from 'zod'
import { cameKinds } from '#src/model/came.ts'
import { channels } from '#src/model/message.ts'
import { appointmentAnsweredWithinMs } from '#src/patience.ts'
import { type Call, heard, type Moment } from '../call.ts'
import { revival, textOrNone, time, timeOrNone } from '../columns.ts'
import { deadJob } from '../shown.ts'

const textOrMissing = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined)
const media = z
  .array(
    z.object({
      url: textOrMissing,
      contentType: textOrMissing,
      kind: z.enum(cameKinds).optional().catch(undefined),
    }),
  )
  .nullish()
  .transform((list) => list ?? undefined)
  .catch(undefined)

/** A message as the work that follows from it needs it. */
const jobMessage = z.object({
  id: z.string(),
  tenant_id: textOrNone,
  channel: z.enum(channels),
  direction: z.enum(['outbound', 'inbound']),
  provider: z.string(),
  provider_message_id: textOrNone,
  recipient: z.string(),
  sender: textOrNone,
  lead_id: textOrNone,
  parent_type: textOrNone,
  parent_id: textOrNone,
  subject: textOrNone,
  text: textOrNone,
  button_payload: textOrNone,
  media,
  request_id: textOrNone,
  status: z.string(),
  created_at: time,
  queued_at: timeOrNone,
  sent_at: timeOrNone,
  delivered_at: timeOrNone,
  opened_at: timeOrNone,
  read_at: timeOrNone,
  rejected_at: timeOrNone,
  failed_at: timeOrNone,
  error_code: textOrNone,
  error_message: textOrNone,
})
export type JobMessage = z.infer<typeof jobMessage>

/** When it was written down: what became known, and its message's status then. */
const moment = z.object({
  fact: z.string().nullish(),
  status: z.string().nullish(),
  consent: z.string().nullish(),
  bounce_class: z.string().nullish(),
})

const job = z.object({
  id: z.number(),
  kind: z.string(),
  payload: moment,
  tries: z.number(),
  request_id: textOrNone,
  /** How long ago it was written down. */
  age_seconds: z.number(),
  message_id: z.string(),
  /** None: only a newer server can read it. */
  message: jobMessage.optional().catch(undefined),
})
export type ClaimedJob = z.infer<typeof job>
export type Job = ClaimedJob & { message: JobMessage }

const revivedJob = z.object({ outcome: revival })

const buttons = z.array(z.object({ id: z.string(), title: z.string() })).catch([])
const meant = z.object({
  occurred_at: timeOrNone,
  consent: z.enum(['withdrawn', 'given']).nullable(),
  appointment: z
    .object({
      id: z.string(),
      parent_type: textOrNone,
      parent_id: textOrNone,
      appointment_at: timeOrNone,
      buttons,
    })
    .nullable(),
  others: z.array(z.object({ parent_type: textOrNone, parent_id: textOrNone, lead_id: textOrNone })),
})
export type MeantAppointment = z.infer<typeof meant>

/** Work that follows from what was told, and what is needed to do it. */
export const jobsCalls = (call: Call, moment: Moment) => ({
  async claimJobs(options: { owner: string; leaseSeconds: number; limit: number; now?: Date }) {
    return z.array(job).parse(
      await call('claim_jobs', {
        owner: options.owner,
        lease_seconds: options.leaseSeconds,
        at_most: options.limit,
        as_of: options.now ?? moment(),
        ...heard,
      }),
    )
  },

  async finishJob(id: number, owner: string): Promise<void> {
    const none = { error: null, retry_seconds: null, again: false, as_of: moment() }
    await call('end_job', { job: id, by_owner: owner, ...none })
  },

  /** Due again after `retryInMs`, or given up where there is none. `counted`: whether this try counts. */
  async failJob(
    id: number,
    owner: string,
    failed: { code: string; message: string; retryInMs: number | undefined; counted: boolean },
  ): Promise<void> {
    const { code, message, retryInMs, counted } = failed
    const error = { code, message }
    const retry = { retry_seconds: retryInMs === undefined ? null : retryInMs / 1_000, as_of: moment() }
    await call('end_job', { job: id, by_owner: owner, error, ...retry, again: !counted })
  },

  async listDeadJobs(filter: { tenantId: string | undefined; beforeId?: number; limit: number }) {
    const args = { tenant: filter.tenantId, before_id: filter.beforeId, at_most: filter.limit }
    return z.array(deadJob).parse(await call('list_dead_jobs', args))
  },

  async reviveDeadJob(id: number, tenantId: string | undefined) {
    return revivedJob.parse(await call('replay_dead_job', { job: id, tenant: tenantId })).outcome
  },

  /**
   * The message about an appointment that what a person wrote may answer, when it was written, and what other appointments it
   * may be about. `appointmentTypes`: the types of parents that are appointments.
   */
  async meantAppointment(
    inboundId: string,
    appointmentTypes: readonly string[],
  ): Promise<MeantAppointment | undefined> {
    const within = { within_seconds: appointmentAnsweredWithinMs / 1_000 }
    const args = { wanted: inboundId, appointment_types: [...appointmentTypes], ...within }
    return meant.nullable().parse(await call('meant_appointment', args)) ?? undefined
  },

  /** When the appointment is that a message is about, as it was first told. */
  async setAppointmentTime(messageId: string, startsAt: Date): Promise<void> {
    await call('set_appointment_time', { wanted: messageId, starts_at: startsAt })
  },

  async setLead(messageId: string, leadId: string): Promise<void> {
    await call('set_lead', { wanted: messageId, lead: leadId })
  },
})
