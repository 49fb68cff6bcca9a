import type { Action } from '#src/api/action.ts'
import { escalated, type Prepare } from '#src/api/escalate-params.ts'
import { getMessage } from './getMessage.ts'
import { listMessages } from './listMessages.ts'
import { sendEmail } from './sendEmail.ts'
import { sendSMS } from './sendSMS.ts'
import { sendWhatsApp } from './sendWhatsApp.ts'
import type { ActionTools } from './tools.ts'

const sends = { sendEmail, sendSMS, sendWhatsApp }
const others = { getMessage, listMessages }

/** The sends as valid requests, by their public names: what an action sends, and what a step of an escalation may be. */
export function createSends(tools: Pick<ActionTools, 'country' | 'now'>): ReadonlyMap<string, Prepare> {
  return new Map(Object.entries(sends).map(([name, make]) => [name, make(tools)]))
}

/** Everything that may be asked, by its public name. */
export function createActions(
  tools: ActionTools,
  prepared: ReadonlyMap<string, Prepare>,
): ReadonlyMap<string, Action> {
  const send =
    (prepare: Prepare): Action =>
    async (params, asking) =>
      tools.deliver(escalated(prepare(params, asking), prepared, asking))
  return new Map([
    ...[...prepared].map(([name, prepare]): [string, Action] => [name, send(prepare)]),
    ...Object.entries(others).map(([name, make]): [string, Action] => [name, make(tools)]),
  ])
}
