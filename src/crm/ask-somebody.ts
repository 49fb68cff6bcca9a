import type { Crm, CrmRecord } from '#src/contract/crm.ts'
import type { JobMessage } from '#src/store/calls/jobs.ts'

/** Leaves what a customer wrote to a person, once for each message; `why` in the team's words. */
export type AskSomebody = (message: JobMessage, about: CrmRecord, why: string) => Promise<void>

export function askSomebody(crm: Crm): AskSomebody {
  return async (message, about, why) => {
    const text = `${why} : « ${message.text ?? message.button_payload ?? ''} »`
    await crm.task(about, message.id, `Répondre au client (${why})`, text)
  }
}
