import type { Crm, CrmPerson, CrmRecord, Meeting } from '#src/contract/crm.ts'
import type { Log } from '#src/runtime/log.ts'
import type { JobMessage, MeantAppointment } from '#src/store/calls/jobs.ts'
import type { AskSomebody } from './ask-somebody.ts'
import type { AutoReply } from './auto-reply.ts'
import type { Intent } from './intent.ts'
import { isGuess } from './traced.ts'

/** An answer to act on. */
interface Answer {
  intent: Extract<Intent, { kind: 'confirm' | 'cancel' }>
  /** The message about an appointment that it may answer. */
  appointment: MeantAppointment['appointment'] | undefined
}

/**
 * Confirms or cancels the meeting that an answer means, and tells the customer so; where there is none ahead a person is
 * asked. `repeated`: it was tried before, and may have been answered then.
 */
export function answerAppointment(tools: {
  crm: Crm
  autoReply: AutoReply
  ask: AskSomebody
  log: Log
  now: () => Date
}) {
  const { crm, autoReply, ask, log, now } = tools
  return async (
    message: JobMessage,
    person: CrmRecord | CrmPerson,
    answer: Answer,
    repeated: boolean,
  ): Promise<void> => {
    const { kind } = answer.intent
    const meeting = await meetingMeant(crm, person, answer, now())
    const cancelled = kind === 'cancel' && meeting?.status === 'Not Held'
    if (!meeting || meeting.startsAt <= now() || (meeting.status !== 'Planned' && !cancelled))
      return ask(message, person, 'réponse sans rendez-vous à venir')
    const changed = await crm.answerMeeting(meeting, person, kind)
    log.info('meeting_answered', { messageId: message.id, meetingId: meeting.id, answer: kind, changed })
    // The process may have ended between the answer and the reply: a repeat sends it, once.
    if (changed || repeated) await autoReply(kind, message, meeting)
  }
}

async function meetingMeant(
  crm: Crm,
  person: CrmRecord | CrmPerson,
  { intent, appointment }: Answer,
  at: Date,
): Promise<Meeting | undefined> {
  const asked = appointment?.parent_type === 'Meeting' ? appointment.parent_id : undefined
  const named = intent.meetingId ?? asked
  if (named === undefined) return crm.nextMeeting(person, at)
  // What a button says came from the customer's phone: unless we asked about that meeting, it must be theirs. So it must
  // where their number is somebody else's too, who may be the one that attends.
  return crm.meeting(named, named === asked && !isGuess(person) ? undefined : person)
}
