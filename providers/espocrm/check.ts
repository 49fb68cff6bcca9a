import { z } from 'zod'
import { ProviderError } from '#src/model/errors.ts'
import { deliveryWords } from './delivery-words.ts'
import { type Espo, pathOf } from './espo.ts'
import { type EspoUser, isInTeam, userOf } from './user.ts'

const remedy = 'docs/espocrm.md'

/** What the role must allow, and of whose records. */
const needs: readonly (readonly [scope: string, actions: readonly string[], what: string])[] = [
  ['Email', ['create', 'read', 'edit'], 'emails cannot be shown and found again'],
  ['Import', ['read'], 'an email from an address that is not the API user’s own is refused'],
  ['Lead', ['read', 'edit', 'stream'], 'leads are not found, marked or written about'],
  ['Contact', ['read', 'edit', 'stream'], 'contacts are not found, marked or written about'],
  ['Account', ['read', 'edit', 'stream'], 'accounts are not found, marked or written about'],
  ['Meeting', ['read', 'edit', 'stream'], 'meetings are not found, answered or written about'],
  ['Task', ['create', 'read'], 'tasks for a person cannot be made'],
]
/** These are looked for before they are written: a role that sees only some of them makes doubles. */
const writtenByUs = ['Email', 'Task']
const seenWhole = ['Email', 'Task', 'Lead', 'Contact', 'Account', 'Meeting']

const fieldNames = ['cMessageId', 'cDeliveryStatus', 'cDeliveredAt', 'cOpenedAt', 'cBounceReason']
const field = z.looseObject({ options: z.array(z.string()).nullish().catch(undefined) })
const fields = z.record(z.string(), field.catch({}))

/** Looks at the key, the role and the fields; each finding is one line with its remedy. */
export function espoCheck(espo: Espo, url: string): () => Promise<string[]> {
  return async () => {
    const encrypted = isOpen(url) ? ['ESPOCRM_URL is http: the key travels unencrypted (use https)'] : []
    try {
      const user = await userOf(espo.api)
      const found = [
        ...encrypted,
        ...aboutUser(user, espo),
        ...aboutRole(user, espo),
        ...(await aboutOwner(espo, user)),
        ...(await aboutFields(espo, user)),
      ]
      return found.map((line) => `espocrm: ${line}`)
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      return [...encrypted.map((line) => `espocrm: ${line}`), unanswered(error)]
    }
  }
}

/** A network's own code (`ENOTFOUND`) does not say which address was wrong; what EspoCRM says has its remedy with it. */
function unanswered({ message, providerCode = '' }: ProviderError): string {
  return /^\D/.test(providerCode) ? `${message} (check ESPOCRM_URL)` : message
}

function isOpen(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
}

function aboutUser({ type, permission }: EspoUser, { owner }: Espo): string[] {
  const findings: string[] = []
  if (type !== undefined && type !== 'api')
    findings.push(
      `the key belongs to a user of type ${type} (make an API user with a role of its own: ${remedy})`,
    )
  if (owner.assignedUserId === undefined)
    findings.push(
      'tasks go to the user whose record it is, and fail where that is nobody (set ESPOCRM_ASSIGNED_USER_ID)',
    )
  else if (permission('assignment') === 'no')
    findings.push('the role may assign nothing to others (set its Assignment permission to all or team)')
  return findings
}

function aboutRole(user: EspoUser, { owner }: Espo): string[] {
  const { level } = user
  return needs.flatMap(([scope, actions, what]) => {
    const lacking = actions.filter((action) => level(scope, action) === 'no')
    if (lacking.length > 0) return [`${what} (grant the role ${grantOf(scope, lacking)}: ${remedy})`]
    if (!seenWhole.includes(scope)) return []
    if (level(scope, 'read') === 'own')
      return [`${scope} is read only where it is the API user’s own (let the role read all: ${remedy})`]
    // What we write is given to the team: its members see it.
    const seen = writtenByUs.includes(scope) && isInTeam(user, owner.teamsIds?.[0])
    return level(scope, 'read') === 'team' && !seen
      ? [
          `${scope} is read only where it is of the API user’s teams (let the role read all, or put the user into the team of ESPOCRM_TEAM_ID: ${remedy})`,
        ]
      : []
  })
}

function grantOf(scope: string, actions: readonly string[]): string {
  return scope === 'Import' ? 'the scope Import' : `${actions.join(', ')} on ${scope}`
}

/** The user and the team that each record is given: there, as far as the role may see that. */
async function aboutOwner({ api, owner }: Espo, user: EspoUser): Promise<string[]> {
  const named = [
    { type: 'User', id: owner.assignedUserId, variable: 'ESPOCRM_ASSIGNED_USER_ID' },
    { type: 'Team', id: owner.teamsIds?.[0], variable: 'ESPOCRM_TEAM_ID' },
  ]
  const findings: string[] = []
  for (const { type, id, variable } of named) {
    if (id === undefined || user.level(type, 'read') === 'no') continue
    const record = await api.read(pathOf({ type, id })).catch(unlessHidden)
    if (record === undefined)
      findings.push(
        `there is no ${type} with the id in ${variable}: emails and tasks wait (correct it: ${remedy})`,
      )
  }
  return findings
}

/** A record that the role may not see may well be there. */
function unlessHidden(error: unknown): 'hidden' {
  if (error instanceof ProviderError && error.onlyThis) return 'hidden'
  throw error
}

/** The fields that hold what became of an email: there, not forbidden, and with every word. */
async function aboutFields({ api }: Espo, user: EspoUser): Promise<string[]> {
  const { data } = fields.safeParse(await api.read('Metadata?key=entityDefs.Email.fields'))
  if (data === undefined) return []
  const missing = fieldNames.filter((name) => data[name] === undefined)
  const forbidden = fieldNames.filter(
    (name) =>
      user.fieldLevel('Email', name, 'edit') === 'no' || user.fieldLevel('Email', name, 'read') === 'no',
  )
  const options = data.cDeliveryStatus?.options
  const words = options ? Object.values(deliveryWords).filter((word) => !options.includes(word)) : []
  return [
    ...(missing.length > 0 ? [`Email has no field ${missing.join(', ')} (install them: ${remedy})`] : []),
    ...(forbidden.length > 0
      ? [`the role may not read and edit Email.${forbidden.join(', Email.')} (allow it: ${remedy})`]
      : []),
    ...(words.length > 0
      ? [`Email.cDeliveryStatus has no option ${words.join(', ')} (install the fields again: ${remedy})`]
      : []),
  ]
}
