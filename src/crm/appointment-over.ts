import type { Crm, CrmRecord } from '#src/contract/crm.ts'
import type { Log } from '#src/runtime/log.ts'

/**
 * Whether what a message is about is an appointment that was ahead when it was asked for, and is over at a time. Where the CRM does
 * not say, it is not: the message was asked for, and nobody has said otherwise. That it is cancelled proves nothing, since the
 * message may be there to tell that.
 */
export function appointmentOver({
  crm,
  log,
}: {
  crm: Pick<Crm, 'appointmentTypes' | 'appointment'>
  log: Log
}) {
  return async ({ type, id }: CrmRecord, askedForAt: Date, at: Date): Promise<boolean> => {
    if (!crm.appointmentTypes.includes(type)) return false
    try {
      const { startsAt } = (await crm.appointment(id)) ?? {}
      return startsAt !== undefined && startsAt > askedForAt && startsAt <= at
    } catch (error) {
      log.warn('appointment_not_asked', { appointmentId: id, error })
      return false
    }
  }
}
