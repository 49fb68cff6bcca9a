import { z } from 'zod'
import type { Crm, CrmPerson } from '#src/contract/crm.ts'
import { ProviderError } from '#src/model/errors.ts'
import { e164 } from '#src/model/phone.ts'
import { briefly } from './briefly.ts'
import type { Espo } from './espo.ts'
import { nationalDigits } from './national-digits.ts'
import { list } from './search.ts'
import { equals } from './where.ts'

const types = ['Lead', 'Contact', 'Account'] as const
const closed = new Set(['Converted', 'Recycled', 'Dead'])
const most = 20
const rememberedMs = 60_000

const text = z.string().nullish().catch(undefined)
const found = z.object({ id: z.string().min(1), name: text, status: text, createdAt: text })
type Match = z.infer<typeof found> & { type: (typeof types)[number] }

/** Whom an address belongs to, asked for at most once a minute. */
export function espoPersonBy(espo: Espo): Crm['personBy'] {
  const remember = briefly<CrmPerson | undefined>(rememberedMs, espo.clock)
  return (address) =>
    'phone' in address
      ? remember(address.phone, () => byPhone(espo, address.phone))
      : remember(address.email.toLowerCase(), () => byEmail(espo, address.email))
}

/** The international digits first: national ones may be those of another country's number. */
async function byPhone(espo: Espo, writing: string): Promise<CrmPerson | undefined> {
  const phone = e164(writing, espo.country) ?? writing
  // WhatsApp's `…@lid` and a sender that is a name have digits too, which may be somebody's.
  if (!/^\+?\d+$/.test(phone)) return undefined
  const digits = phone.replace(/\D/g, '')
  const matches = await withAttribute(espo, 'phoneNumberNumeric', digits)
  const national = nationalDigits(phone, espo.country)
  if (matches.length > 0 || national === undefined) return chosen(matches)
  return chosen(await withAttribute(espo, 'phoneNumberNumeric', national))
}

async function byEmail(espo: Espo, email: string): Promise<CrmPerson | undefined> {
  return chosen(await withAttribute(espo, 'emailAddress', email.toLowerCase()))
}

/**
 * One type after another, so that a refused key is shown once. A type that the role may not read is passed over where
 * another may be read.
 */
async function withAttribute(espo: Espo, attribute: string, value: string): Promise<Match[]> {
  const matches: Match[] = []
  const errors: unknown[] = []
  for (const type of types) {
    const search = {
      where: [equals(attribute, value)],
      select: type === 'Lead' ? ['id', 'name', 'status', 'createdAt'] : ['id', 'name', 'createdAt'],
      orderBy: 'createdAt',
      order: 'desc' as const,
      maxSize: most,
    }
    try {
      const records = await list(espo.api, type, search, found)
      matches.push(...records.map((record) => ({ ...record, type })))
    } catch (error) {
      // Only what EspoCRM itself says of its role: anything else that answers 403 does not know whose address it is.
      if (!(error instanceof ProviderError) || !error.onlyThis) throw error
      errors.push(error)
      espo.report(
        `espocrm: ${type} may not be searched by ${attribute}, so that whose address it is may stay unknown (let the role read it: docs/espocrm.md)`,
      )
    }
  }
  if (errors.length === types.length) throw errors[0]
  return matches
}

/** The most recent open lead, else a contact, else an account, else the newest: each list comes newest first. */
function chosen(matches: readonly Match[]): CrmPerson | undefined {
  const open = matches.filter(({ type, status }) => type !== 'Lead' || !closed.has(status ?? ''))
  const match = open[0] ?? matches[0]
  if (match === undefined) return undefined
  // A converted lead keeps the address of the contact that it has become: the same person.
  const rest = matches.filter((other) => other !== match)
  const ambiguous = rest.some(({ status }) => status !== 'Converted')
  const others = rest.map(({ type, id }) => ({ type, id }))
  const { type, id, name } = match
  const leadId = type === 'Lead' ? id : undefined
  return { type, id, name: name ?? '', leadId, ambiguous, others }
}
