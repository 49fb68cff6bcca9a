import type { Crm, CrmRecord } from '#src/contract/crm.ts'
import type { Row } from '#src/store/kept.ts'
import { textOrNone } from './traced.ts'

/** Leaves what a customer wrote to a person, once for each message; `why` in the team's words. */
export type AskSomebody = (message: Row, about: CrmRecord, why: string) => Promise<void>

export function askSomebody(crm: Crm): AskSomebody {
  return async (message, about, why) => {
    const text = `${why} : « ${textOrNone(message.text) ?? textOrNone(message.button_payload) ?? ''} »`
    await crm.task(about, String(message.id), `Répondre au client (${why})`, text)
  }
}
