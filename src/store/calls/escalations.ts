import { z } from 'zod'
import { type Call, heard, type Moment } from '../call.ts'
import { time } from '../columns.ts'
import { messageToAsk } from './events.ts'

const claimedStep = z.object({ escalation_id: z.uuid(), number: z.number() })
const dueStep = claimedStep.extend({
  /** Why it is due: its time came, or the step before failed. */
  reason: z.string().nullable(),
  /** The message before it. */
  message: messageToAsk,
  /** The record of the CRM that the escalation is about, and since when there is the escalation. */
  about: z.object({ type: z.string(), id: z.string() }).nullable(),
  since: time,
  /** What time it was there. */
  looked_at: time,
})
/** What of an appointment ends the escalations that are about it. */
export type AppointmentOver = 'appointment_cancelled' | 'appointment_past'
export type DueStep = z.infer<typeof dueStep>
export type ClaimedStep = z.infer<typeof claimedStep>

/** What follows where nobody was reached. */
export const escalationsCalls = (call: Call, moment: Moment) => ({
  /** The steps whose time has come, each with the message before it, as claimChecks gives one. */
  async dueSteps(options: { limit: number; now?: Date }): Promise<DueStep[]> {
    return z
      .array(dueStep)
      .parse(await call('due_steps', { at_most: options.limit, as_of: options.now ?? moment() }))
  },

  async claimEscalations(
    ids: string[],
    options: { leaseSeconds: number; now?: Date },
  ): Promise<ClaimedStep[]> {
    return z.array(claimedStep).parse(
      await call('claim_escalations', {
        wanted: ids,
        lease_seconds: options.leaseSeconds,
        as_of: options.now ?? moment(),
        ...heard,
      }),
    )
  },

  /** What a claimed step sends, as it was kept: one that only a newer server can read stops no other. */
  async requestOfStep(id: string, step: number): Promise<unknown> {
    return call('step_request', { escalation: id, step })
  },

  /** The step could not even be reserved: it is over, and the next one is due. */
  async failEscalationStep(id: string, step: number, because: string): Promise<void> {
    await call('fail_escalation_step', { escalation: id, step, because })
  },

  /** Nothing of it that still waits is sent any more. */
  async stopEscalation(id: string, because: AppointmentOver): Promise<void> {
    await call('stop_escalation', { wanted: id, because })
  },

  /** The same for all that are about an appointment and were asked for before it was called off; those that still waited. */
  async stopEscalationsAbout(
    calledOff: { types: readonly string[]; id: string; at: Date },
    because: AppointmentOver,
  ): Promise<string[]> {
    const { types, id: parent, at: before } = calledOff
    const args = { types: [...types], parent, before, because }
    return z.array(z.string()).parse(await call('stop_escalations_about', args))
  },
})
