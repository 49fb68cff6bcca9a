import type { Crm, CrmRecord } from '#src/contract/crm.ts'
import type { Question, Sentences } from '#src/model/sentences/sentences.ts'
import type { JobMessage } from '#src/store/calls/jobs.ts'
import { cameText } from './came.ts'

/** Leaves what a customer wrote to a person of the team, once for each message; `about` nothing where nobody knows the customer. */
export type AskSomebody = (message: JobMessage, about: CrmRecord | undefined, why: Question) => Promise<void>

export function askSomebody(crm: Crm, sentences: Sentences): AskSomebody {
  return async (message, about, why) => {
    const question = sentences.questions[why]
    const text = sentences.customerWrote(
      question,
      cameText(message, sentences) ?? message.button_payload ?? '',
    )
    await crm.task(about, message.id, sentences.toAnswer(question), text)
  }
}
