import type { Action, ActionTools } from '#src/action.ts'
import { getMessage } from './getMessage.ts'
import { listMessages } from './listMessages.ts'
import { sendEmail } from './sendEmail.ts'
import { sendSMS } from './sendSMS.ts'
import { sendWhatsApp } from './sendWhatsApp.ts'

const makers = { sendEmail, sendSMS, sendWhatsApp, getMessage, listMessages }

/** Everything that may be asked, by its public name. */
export function createActions(tools: ActionTools): ReadonlyMap<string, Action> {
  return new Map(Object.entries(makers).map(([name, make]) => [name, make(tools)]))
}
