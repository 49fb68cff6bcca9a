import type { Appointment, Crm, CrmPerson, CrmRecord } from '#src/contract/crm.ts'
import type { Log } from '#src/runtime/log.ts'
import type { JobMessage, MeantAppointment } from '#src/store/calls/jobs.ts'
import type { Store } from '#src/store/store.ts'
import type { AskSomebody } from './ask-somebody.ts'
import type { AutoReply } from './auto-reply.ts'
import type { Intent } from './intent.ts'
import { appointmentOf, whoMayWrite } from './traced.ts'

/** An answer to act on. */
interface Answer {
  intent: Extract<Intent, { kind: 'confirm' | 'cancel' }>
  /** The message about an appointment that it may answer. */
  reminder: MeantAppointment['appointment'] | undefined
}

/**
 * Confirms or cancels the appointment that an answer means, and tells the customer so; where there is none ahead a person is
 * asked. Nothing more is sent by the escalations about one that is cancelled. `repeated`: it was tried before, and may have been
 * answered then.
 */
export function answerAppointment(tools: {
  store: Pick<Store, 'stopEscalationsAbout'>
  crm: Crm
  autoReply: AutoReply
  ask: AskSomebody
  log: Log
  now: () => Date
}) {
  const { store, crm, autoReply, ask, log, now } = tools
  return async (
    message: JobMessage,
    person: CrmRecord | CrmPerson,
    answer: Answer,
    repeated: boolean,
  ): Promise<void> => {
    const { kind } = answer.intent
    const writers = await whoMayWrite(crm, message)
    if (writers.length === 0) return ask(message, person, 'unknown_number')
    const meant = await appointmentMeant(crm, writers, answer, now())
    if (!meant || meant.appointment.startsAt <= now() || !mayBeAnswered(meant.appointment, kind))
      return ask(message, person, 'no_appointment_ahead')
    const { appointment, whose } = meant
    const changed = await crm.answerAppointment(appointment, whose, kind)
    const { id: appointmentId } = appointment
    // Of one that was called off before, what is asked for since may be there to tell so.
    if (kind === 'cancel' && (appointment.status === 'planned' || repeated)) {
      const calledOff = { types: crm.appointmentTypes, id: appointmentId, at: message.created_at }
      for (const escalationId of await store.stopEscalationsAbout(calledOff, 'appointment_cancelled'))
        log.info('escalation_stopped', { escalationId, because: 'appointment_cancelled' })
    }
    log.info('appointment_answered', { messageId: message.id, appointmentId, answer: kind, changed })
    // The process may have ended between the answer and the reply: a repeat sends it, once.
    if (changed || repeated) await autoReply(kind, message, appointment)
  }
}

/** What was called off already may be cancelled once more: that person has declined then. */
function mayBeAnswered({ status }: Appointment, answer: 'confirm' | 'cancel'): boolean {
  return status === 'planned' || (status === 'cancelled' && answer === 'cancel')
}

/** The appointment that is answered, and for whom; none where it is not one of those who may have written. */
async function appointmentMeant(
  crm: Crm,
  writers: readonly CrmRecord[],
  { intent, reminder }: Answer,
  at: Date,
): Promise<{ appointment: Appointment; whose: CrmRecord } | undefined> {
  const named = intent.appointmentId ?? (reminder ? appointmentOf(crm, reminder)?.id : undefined)
  const asked = named === undefined ? writers.slice(0, 1) : writers
  for (const whose of asked) {
    const appointment = await (named === undefined
      ? crm.nextAppointment(whose, at)
      : crm.appointment(named, whose))
    if (appointment) return { appointment, whose }
  }
  return undefined
}
