import type { CrmPerson, CrmRecord } from '#src/contract/crm.ts'
import { isWritten } from '#src/model/came.ts'
import { type Refusal, refusalIn } from '#src/model/refusals.ts'
import type { Question } from '#src/model/sentences/sentences.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Metrics } from '#src/runtime/metrics.ts'
import type { JobMessage, MeantAppointment } from '#src/store/calls/jobs.ts'
import type { AskSomebody } from './ask-somebody.ts'
import type { StopMail } from './stop-mail.ts'

/**
 * What follows from a message that asks not to be written to, besides that its person is not, which is done where it is kept
 * (consentOf): what a rule cannot settle becomes a task, one for each message. `about`: whom the CRM knows, or the appointment that
 * was spoken of.
 */
export function answerRefusal({ ask, stopMail }: { ask: AskSomebody; stopMail: StopMail }) {
  return async (
    message: JobMessage,
    { about, person }: { about: CrmRecord | undefined; person: CrmRecord | CrmPerson | undefined },
    refusal: Refusal,
    reminder: MeantAppointment['appointment'] | undefined,
  ): Promise<void> => {
    const isMailStopped = !wantsMailStopped(message, refusal) || (await stopMail(message, person))
    const why = questionOf(refusal, isMailStopped, reminder != null)
    if (why) await ask(message, about, why)
  }
}

function wantsMailStopped({ channel }: JobMessage, { said, about }: Refusal): boolean {
  return said === 'plain' && about.mail && channel !== 'email'
}

function questionOf(
  { said, about, erasure }: Refusal,
  isMailStopped: boolean,
  isAfterReminder: boolean,
): Question | undefined {
  if (erasure) return 'erasure'
  if (said === 'among more') return 'refusal'
  if (about.stranger) return 'wrong_number'
  if (!isMailStopped) return 'refusal_of_mail'
  return about.leaving && isAfterReminder ? 'leaving' : undefined
}

/** The work of a house without a CRM: nobody can be asked there, so an operator is told what only a person can settle. */
export function tellRefusal({ log, metrics }: { log: Log; metrics: Pick<Metrics, 'unreadRefusals'> }) {
  return async ({ message }: { message: JobMessage }): Promise<void> => {
    const refusal = isWritten(message.media) ? refusalIn(message.text ?? '') : undefined
    const why = refusal && questionOf(refusal, !wantsMailStopped(message, refusal), false)
    if (!why) return
    metrics.unreadRefusals.inc()
    log.warn('refusal_left_unread', { messageId: message.id, channel: message.channel, why })
  }
}
