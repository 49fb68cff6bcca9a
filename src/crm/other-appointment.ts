import type { Appointment, Crm, CrmRecord } from '#src/contract/crm.ts'
import type { MeantAppointment } from '#src/store/calls/jobs.ts'
import type { Intent } from './intent.ts'
import { appointmentOf } from './traced.ts'

/**
 * Why an answer may be about another appointment than the one of the message that it seems to answer: others were asked about,
 * and are not answered yet; or it was moved since that message went out. Undefined: nothing speaks for it.
 */
export function otherAppointment(crm: Crm, now: () => Date) {
  return async (
    intent: Extract<Intent, { kind: 'confirm' | 'cancel' }>,
    person: CrmRecord,
    { appointment: reminder, others }: MeantAppointment,
  ): Promise<'several' | 'moved' | undefined> => {
    const about = reminder && appointmentOf(crm, reminder)
    const named = intent.appointmentId
    if (named === undefined) {
      for (const other of others) if (await isOpen(other, person)) return 'several'
    }
    if (!reminder?.appointment_at || !about || (named !== undefined && named !== about.id)) return undefined
    const appointment = await crm.appointment(about.id)
    return appointment && appointment.startsAt.getTime() !== reminder.appointment_at.getTime()
      ? 'moved'
      : undefined
  }

  async function isOpen(other: MeantAppointment['others'][number], person: CrmRecord): Promise<boolean> {
    const about = appointmentOf(crm, other)
    if (!about) return false
    const whose = other.lead_id === undefined ? person : crm.personRecord(other.lead_id)
    const found: Appointment | undefined =
      (await crm.appointment(about.id, whose)) ?? (await crm.appointment(about.id))
    return found?.status === 'planned' && found.startsAt > now() && found.answered === undefined
  }
}
