import { inspect } from 'node:util'
import { espocrm } from '#providers/espocrm/index.ts'
import type { Crm, CrmTools, TracedMessage } from '#src/contract/crm.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { sentencesIn } from '#src/model/sentences/sentences-in.ts'
import type { Reply } from '#support/local-api.ts'

/** What a CRM knows of the house, unless a test says another. */
export const tools = { country: 'FR', sentences: sentencesIn.fr, timeZone: 'Europe/Paris' }

/** Where and in what language its house is. */
export type InHouse = Partial<Pick<CrmTools, 'sentences' | 'timeZone'>>

/** A CRM of this test's own clock, and what it reports. */
export interface CrmAt {
  crm: Crm
  apiKey: string
  /** Every report, as often as it was made. */
  reports: string[]
  clock: { now: Date }
}

export function crmAt(
  url: string,
  environment: Environment = {},
  clock = { now: new Date('2026-11-22T10:00:00Z') },
  house: InHouse = {},
): CrmAt {
  const apiKey = environment.ESPOCRM_API_KEY ?? '0123456789abcdef'.repeat(2)
  const reports: string[] = []
  const crm = espocrm.create(
    { ...environment, ESPOCRM_URL: url, ESPOCRM_API_KEY: apiKey },
    {
      ...tools,
      ...house,
      now: () => clock.now,
      clock: () => clock.now.getTime(),
      found: (finding) => reports.push(finding),
    },
  )
  if (!crm) throw new Error('espocrm is off')
  return { crm, apiKey, reports, clock }
}

/** EspoCRM's "no": its reason in a header, its body empty. */
export function no(status: number, reason = ''): Reply {
  return { status, headers: { 'x-status-reason': reason } }
}

/** A message of ours by WhatsApp; each test that says nothing else has this one. */
export function traced(changes: Partial<TracedMessage> = {}): TracedMessage {
  return {
    id: '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e',
    channel: 'whatsapp',
    direction: 'outbound',
    from: '+33757000001',
    to: '+33612345678',
    subject: undefined,
    html: undefined,
    text: 'Bonjour Dana',
    at: new Date('2026-11-22T09:30:00Z'),
    unsent: false,
    parent: undefined,
    person: undefined,
    ...changes,
  }
}

export function tracedEmail(changes: Partial<TracedMessage> = {}): TracedMessage {
  return traced({
    channel: 'email',
    from: 'max@example.com',
    to: 'dana@example.org',
    subject: 'Votre devis',
    html: '<p>Bonjour</p>',
    text: 'Bonjour',
    ...changes,
  })
}

/** The error of a call that fails, after a look that it tells none of these. */
export async function failure(call: Promise<unknown>, secrets: readonly string[] = []) {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProviderError)) throw new Error(`no ProviderError was thrown, but ${inspect(error)}`)
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
  const told = secrets.find((secret) => shown.includes(secret))
  if (told !== undefined || error.cause !== undefined) throw new Error(`the error tells too much: ${shown}`)
  return error
}
