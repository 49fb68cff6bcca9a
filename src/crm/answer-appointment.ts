import type { Appointment, Crm, CrmPerson, CrmRecord } from '#src/contract/crm.ts'
import type { Log } from '#src/runtime/log.ts'
import type { JobMessage, MeantAppointment } from '#src/store/calls/jobs.ts'
import type { Store } from '#src/store/store.ts'
import type { AskSomebody } from './ask-somebody.ts'
import type { AutoReply } from './auto-reply.ts'
import type { Intent } from './intent.ts'
import { appointmentOf, isGuess } from './traced.ts'

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
    const appointment = await appointmentMeant(crm, person, answer, now())
    if (!appointment || appointment.startsAt <= now() || !mayBeAnswered(appointment, kind))
      return ask(message, person, 'no_appointment_ahead')
    const changed = await crm.answerAppointment(appointment, person, kind)
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

async function appointmentMeant(
  crm: Crm,
  person: CrmRecord | CrmPerson,
  { intent, reminder }: Answer,
  at: Date,
): Promise<Appointment | undefined> {
  const reminded = reminder ? appointmentOf(crm, reminder)?.id : undefined
  const named = intent.appointmentId ?? reminded
  if (named === undefined) return crm.nextAppointment(person, at)
  // What a button says came from the customer's phone: unless we asked about that appointment, it must be theirs. It must be
  // theirs, too, where somebody else has the same number: that one may be the person who attends.
  return crm.appointment(named, named === reminded && !isGuess(person) ? undefined : person)
}
