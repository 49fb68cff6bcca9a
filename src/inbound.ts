import type { AutoReply } from './auto-reply.ts'
import type { Crm, CrmRecord, Meeting } from './crm.ts'
import { type Intent, intentOf } from './intent.ts'
import type { Work } from './jobs.ts'
import type { Log } from './log.ts'
import type { Row } from './store/kept.ts'
import type { Store } from './store/store.ts'
import { addressOf, personOf, texts, traced } from './traced.ts'

/** What reached us later than this may have been overtaken by a telephone call: a person decides. */
const lateMs = 3_600_000

const severalPeople = 'Plusieurs fiches ont cette adresse : le prospect ouvert le plus récent a été choisi.'

/** An answer to act on. */
interface Answer {
  intent: Extract<Intent, { kind: 'confirm' | 'cancel' }>
  /** The message about an appointment that it may answer. */
  appointment: Row | undefined
}

/**
 * What follows from what a person wrote: its lead is found, the CRM shows it, an answer confirms or cancels the meeting
 * that is meant, and what only a person can decide becomes a task. Free text acts only as an answer to a message about an
 * appointment; a button that names its meeting acts by itself. Every step may be repeated.
 */
export function inboundWork(tools: {
  store: Store
  crm: Crm
  autoReply: AutoReply
  log: Log
  now: () => Date
}): Work {
  const { store, crm, autoReply, log, now } = tools

  return async ({ message, tries }) => {
    const person = await personOf(crm, message)
    if (!person) {
      log.info('inbound_person_unknown', { messageId: message.id })
      return
    }
    if (person.type === 'Lead') await store.setLead(String(message.id), person.id)
    await crm.trace({ ...(await traced(crm, message)), person })
    if ('ambiguous' in person && person.ambiguous)
      await crm.note(person, `${message.id}:person`, severalPeople)
    const meant = await store.meantAppointment(String(message.id))
    if (meant?.consent)
      await crm.mark(person, addressOf(message), { optedOut: meant.consent === 'withdrawn' })
    const said = { text: texts(message.text), buttonPayload: texts(message.button_payload) }
    const intent = intentOf(said)
    if (intent.kind === 'ambiguous') await askSomebody(message, person, 'réponse à interpréter')
    if (intent.kind !== 'confirm' && intent.kind !== 'cancel') return
    const appointment = meant?.appointment ?? undefined
    // Words that answer nothing of ours are noted, never acted on.
    if (intent.by === 'text' && !appointment) return
    if (late(message, meant?.occurred_at)) return askSomebody(message, person, 'réponse reçue en retard')
    await act(message, person, { intent, appointment }, tries > 1)
  }

  async function act(message: Row, person: CrmRecord, answer: Answer, repeated: boolean): Promise<void> {
    const { kind } = answer.intent
    const meeting = await meetingMeant(person, answer)
    const cancelled = kind === 'cancel' && meeting?.status === 'Not Held'
    if (!meeting || meeting.startsAt <= now() || (meeting.status !== 'Planned' && !cancelled))
      return askSomebody(message, person, 'réponse sans rendez-vous à venir')
    const changed = !cancelled && (await crm.answerMeeting(meeting, person, kind))
    log.info('meeting_answered', { messageId: message.id, meetingId: meeting.id, answer: kind, changed })
    // The process may have ended between the answer and the reply: a repeat sends it, once.
    if (changed || repeated) await autoReply(kind, message, meeting)
  }

  async function meetingMeant(
    person: CrmRecord,
    { intent, appointment }: Answer,
  ): Promise<Meeting | undefined> {
    const asked = appointment?.parent_type === 'Meeting' ? String(appointment.parent_id) : undefined
    const named = intent.meetingId ?? asked
    // What a button says came from the customer's phone: unless we asked about that meeting, it must be theirs.
    if (named !== undefined) return crm.meeting(named, named === asked ? undefined : person)
    return crm.nextMeeting(person, now())
  }

  async function askSomebody(message: Row, person: CrmRecord, why: string): Promise<void> {
    const text = `${why} : « ${texts(message.text) ?? texts(message.button_payload) ?? ''} »`
    await crm.task(person, String(message.id), `Répondre au client (${why})`, text)
  }
}

function late(message: Row, occurredAt: Date | null | undefined): boolean {
  if (!occurredAt) return false
  return new Date(String(message.created_at)).getTime() - occurredAt.getTime() > lateMs
}
