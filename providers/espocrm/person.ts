import { z } from 'zod'
import type { Crm, CrmPerson } from '#src/contract/crm.ts'
import { ProviderError } from '#src/model/errors.ts'
import { personNumber } from '#src/model/number-plans.ts'
import { e164 } from '#src/model/phone.ts'
import { briefly } from './briefly.ts'
import { type Espo, pathOf } from './espo.ts'
import { isNumber, typedDigits } from './number-digits.ts'
import { list } from './search.ts'
import { equals, type Where } from './where.ts'

const types = ['Lead', 'Contact', 'Account'] as const
const closed = new Set(['Converted', 'Recycled', 'Dead'])
const most = 20
const rememberedMs = 60_000

const text = z.string().nullish().catch(undefined)
const found = z.object({
  id: z.string().min(1),
  name: text,
  status: text,
  createdAt: text,
  phoneNumber: text,
})
type Match = z.infer<typeof found> & { type: (typeof types)[number] }

const numbers = z
  .object({ phoneNumberData: z.array(z.object({ phoneNumber: text })) })
  .transform(({ phoneNumberData }) => phoneNumberData.map(({ phoneNumber }) => phoneNumber))
  .catch([])

/** Whom an address belongs to; of somebody who was found, asked for at most once a minute. */
export function espoPersonBy(espo: Espo): Crm['personBy'] {
  const remember = briefly<CrmPerson | undefined>(rememberedMs, espo.clock)
  return (address) =>
    'phone' in address
      ? remember(address.phone, () => byPhone(espo, address.phone))
      : remember(address.email.toLowerCase(), () => byEmail(espo, address.email))
}

/** Who has the number, however it was typed over the years: one search for its digits, whose answers are read as numbers. */
async function byPhone(espo: Espo, writing: string): Promise<CrmPerson | undefined> {
  const phone = personNumber(e164(writing, espo.country) ?? writing)
  // WhatsApp's `…@lid` and a sender that is a name have digits too, which may be somebody's.
  if (!/^\+?\d+$/.test(phone)) return undefined
  const attribute = 'phoneNumberNumeric'
  if (!phone.startsWith('+')) return chosen(await withAttribute(espo, attribute, [equals(attribute, phone)]))
  const typed = typedDigits(phone, espo.country).map(
    (value): Where => ({ type: 'startsWith', attribute, value }),
  )
  return chosen(await whoHave(espo, phone, await withAttribute(espo, attribute, typed)))
}

/** A list shows the primary number only; the others are read where that is another one. */
async function whoHave(espo: Espo, phone: string, matches: readonly Match[]): Promise<Match[]> {
  const having: Match[] = []
  for (const match of matches) {
    const isPhone = (number: string | null | undefined) =>
      number != null && isNumber(number, phone, espo.country)
    if (isPhone(match.phoneNumber)) having.push(match)
    else if (numbers.parse(await espo.api.read(pathOf(match))).some(isPhone)) having.push(match)
  }
  return having
}

async function byEmail(espo: Espo, email: string): Promise<CrmPerson | undefined> {
  return chosen(await withAttribute(espo, 'emailAddress', [equals('emailAddress', email.toLowerCase())]))
}

/**
 * One type after another, so that a refused key is shown once. A type that the role may not read is passed over where
 * another may be read.
 */
async function withAttribute(espo: Espo, attribute: string, any: readonly Where[]): Promise<Match[]> {
  const matches: Match[] = []
  const errors: unknown[] = []
  for (const type of types) {
    const search = {
      where: any.length > 1 ? [{ type: 'or' as const, value: any }] : any,
      select: ['id', 'name', 'createdAt', 'phoneNumber', ...(type === 'Lead' ? ['status'] : [])],
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
