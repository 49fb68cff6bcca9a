import type { CrmTools } from '#src/contract/crm.ts'
import type { Attributes } from './api.ts'

/** Texts that EspoCRM may rightly change (links, entities, line ends): it is only asked whether they are there. */
const rewritten = new Set(['body', 'post', 'description'])
/** Links, which an answer may leave out although they were written. */
const links = new Set(['teamsIds', 'leadsIds', 'leadsColumns', 'contactsIds', 'contactsColumns'])

const remedies = new Map<string, string>([
  ['assignedUserId', 'set the role’s Assignment permission'],
  ['teamsIds', 'set the role’s Assignment permission'],
  ['status', 'EspoCRM does not let an API user change it so: docs/espocrm.md'],
  ['dateSent', 'EspoCRM does not let an API user change it so: docs/espocrm.md'],
])

/**
 * Compares what the CRM says it has with what was sent: EspoCRM drops and reverts without an error what the role or its
 * own rules forbid. Reports each field that was not taken; gives their names.
 */
export function notTaken(
  entity: string,
  sent: Attributes,
  answer: Attributes,
  report: CrmTools['found'],
): string[] {
  const lost = Object.keys(sent).filter((name) => !isTaken(name, sent[name], answer))
  for (const name of lost) report(`espocrm: did not take ${entity}.${name} as sent (${remedyOf(name)})`)
  return lost
}

function isTaken(name: string, sent: unknown, answer: Attributes): boolean {
  if (sent === undefined || (links.has(name) && answer[name] === undefined)) return true
  if (rewritten.has(name)) return isEmpty(sent) || !isEmpty(answer[name])
  return holds(answer[name], sent)
}

/** Whether `has` is `sent`, or more than it; spaces around a text and its case (addresses) are EspoCRM's own matter. */
function holds(has: unknown, sent: unknown): boolean {
  if (isEmpty(sent)) return isEmpty(has)
  if (typeof sent === 'string') return typeof has === 'string' && plain(has) === plain(sent)
  if (Array.isArray(sent)) return Array.isArray(has) && sent.every((one) => has.includes(one))
  if (typeof sent !== 'object' || sent === null) return has === sent
  return typeof has === 'object' && has !== null && holdsEach(new Map(Object.entries(has)), sent)
}

function holdsEach(has: ReadonlyMap<string, unknown>, sent: object): boolean {
  return Object.entries(sent).every(([name, value]) => holds(has.get(name), value))
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function plain(text: string): string {
  return text.trim().toLowerCase()
}

function remedyOf(name: string): string {
  if (/^c[A-Z]/.test(name)) return 'install the field, or let the role edit it: docs/espocrm.md'
  return remedies.get(name) ?? 'let the role edit this field'
}
