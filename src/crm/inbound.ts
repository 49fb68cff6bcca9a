import type { Crm, CrmPerson, CrmRecord } from '#src/contract/crm.ts'
import { isWritten } from '#src/model/came.ts'
import type { Consent } from '#src/model/consent.ts'
import type { Sentences } from '#src/model/sentences/sentences.ts'
import { lateAnswerMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Job, JobMessage, MeantAppointment } from '#src/store/calls/jobs.ts'
import type { Store } from '#src/store/store.ts'
import { answerAppointment } from './answer-appointment.ts'
import { askSomebody } from './ask-somebody.ts'
import type { AutoReply } from './auto-reply.ts'
import { cameText } from './came.ts'
import { type Intent, intentOf } from './intent.ts'
import type { Work } from './jobs.ts'
import { otherAppointment } from './other-appointment.ts'
import { answerRefusal } from './refused.ts'
import { stopMail } from './stop-mail.ts'
import { addressOf, appointmentOf, isGuess, personOf, traced } from './traced.ts'

/**
 * What follows from what a person wrote. That person is found, and the CRM shows the message. An answer confirms or cancels
 * the appointment that is meant. What only the team can decide becomes a task. Free text acts only as an answer to a message
 * about an appointment, and so does a button that names no appointment; a button that names one acts by itself. Every step
 * may be repeated.
 */
export function inboundWork(tools: {
  store: Store
  crm: Crm
  autoReply: AutoReply
  sentences: Sentences
  log: Log
  now: () => Date
}): Work {
  const { store, crm, sentences, log } = tools
  const ask = askSomebody(crm, sentences)
  const act = answerAppointment({ ...tools, ask })
  const other = otherAppointment(crm, tools.now)
  const refused = answerRefusal({ ask, stopMail: stopMail({ store, crm }) })

  return async (job) => {
    const { message } = job
    const meant = await store.meantAppointment(message.id, crm.appointmentTypes)
    const person = await personOf(crm, message)
    if (!person) return fromNobody(message, meant)
    await show(message, person, meant?.consent)
    await follow(job, person, meant)
    // Last: a repeat of the work takes a person that is noted for one that is known.
    if ('leadId' in person && person.leadId) await store.setLead(message.id, person.leadId)
  }

  async function follow(
    { message, tries }: Job,
    person: CrmRecord | CrmPerson,
    meant: MeantAppointment | undefined,
  ): Promise<void> {
    const reminder = meant?.appointment
    const intent = intentIn(message, meant)
    if (intent.kind === 'refusing')
      return refused(message, { about: person, person }, intent.refusal, reminder)
    if (intent.kind === 'ambiguous') return ask(message, person, 'unclear')
    if (intent.kind === 'courtesy' || intent.kind === 'other') {
      // What may be an answer and was not understood is not left to nobody; a STOP is, and was.
      if (reminder && intent.kind === 'other' && !meant?.consent) await ask(message, person, 'unclear')
      return
    }
    if (!reminder && intent.appointmentId === undefined) {
      // Words that answer nothing of ours are noted, never acted on; a button may be one of a message long ago.
      if (intent.by === 'button') await ask(message, person, 'no_appointment_ahead')
      return
    }
    if (late(message, meant?.occurred_at)) return ask(message, person, 'late')
    const doubt = meant && (await other(intent, person, meant))
    if (doubt) return ask(message, person, doubt)
    await act(message, person, { intent, reminder }, tries > 1)
  }

  /** Somebody whose number the CRM does not know, such as one that was mistyped there: their answer is not lost. */
  async function fromNobody(message: JobMessage, meant: MeantAppointment | undefined): Promise<void> {
    const appointment = meant?.appointment ? appointmentOf(crm, meant.appointment) : undefined
    log.info('inbound_person_unknown', { messageId: message.id })
    const intent = intentIn(message, meant)
    if (intent.kind === 'refusing')
      return refused(message, { about: appointment, person: undefined }, intent.refusal, meant?.appointment)
    if (appointment && intent.kind !== 'courtesy' && !(intent.kind === 'other' && meant?.consent))
      await ask(message, appointment, 'unknown_number')
  }

  async function show(
    message: JobMessage,
    person: CrmRecord | CrmPerson,
    consent: Consent | null | undefined,
  ): Promise<void> {
    await crm.trace({
      ...(await traced({ crm, store }, message)),
      text: cameText(message, sentences),
      person,
    })
    if (isGuess(person)) await crm.note(person, `${person.id}:guessed`, sentences.severalPeople)
    if (consent) await crm.mark(person, addressOf(message), { optedOut: consent === 'withdrawn' })
  }
}

function intentIn(
  { text, button_payload: buttonPayload, media }: JobMessage,
  meant: MeantAppointment | undefined,
): Intent {
  const said = isWritten(media) ? text : undefined
  const intent = intentOf({ text: said, buttonPayload, buttons: meant?.appointment?.buttons })
  if (said === text && !media?.some(({ kind }) => kind === 'edit')) return intent
  // A reaction, a place, an edit of what may have acted: whatever it means, it is for a person to say.
  return intent.kind === 'refusing' ? intent : { kind: 'other' }
}

function late({ created_at: createdAt }: JobMessage, occurredAt: Date | undefined): boolean {
  if (!occurredAt) return false
  return createdAt.getTime() - occurredAt.getTime() > lateAnswerMs
}
