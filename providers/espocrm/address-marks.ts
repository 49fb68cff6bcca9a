import { z } from 'zod'
import type { Crm } from '#src/contract/crm.ts'
import { ProviderError } from '#src/model/errors.ts'
import { e164 } from '#src/model/phone.ts'
import type { Attributes } from './api.ts'
import { type Espo, isRecord, pathOf } from './espo.ts'
import { isNumber } from './number-digits.ts'

type Address = Parameters<Crm['mark']>[1]
type Marks = Parameters<Crm['mark']>[2]

const entry = z.looseObject({
  phoneNumber: z.string().nullish(),
  emailAddress: z.string().nullish(),
  primary: z.boolean().nullish(),
  optOut: z.boolean().nullish(),
  invalid: z.boolean().nullish(),
})
type Entry = z.infer<typeof entry>
type Kind = 'phoneNumber' | 'emailAddress'
const entries = z.array(entry).catch([])

/**
 * Marks one of a person's addresses. The list is read, changed and written back whole, since what is not in it is removed.
 * Where EspoCRM silently takes the mark back (the address is shared with a record that the role may not edit) the primary
 * address is marked by its own field, which knows no such check.
 */
export function espoMark(espo: Espo): Crm['mark'] {
  const { api, report, country } = espo
  return async (person, address, marks) => {
    if (!isRecord(person)) return
    const kind = 'phone' in address ? 'phoneNumber' : 'emailAddress'
    const isMarked = (answer: unknown) =>
      entriesOf(answer, kind).some((one) => isAddress(one, address, country) && hasMarks(one, marks))
    const list = entriesOf(await api.read(pathOf(person)), kind)
    const at = list.findIndex((one) => isAddress(one, address, country))
    const current = list[at]
    if (current === undefined || hasMarks(current, marks)) return
    const changed = list.map((one, index) => (index === at ? { ...one, ...flagsOf(marks) } : one))
    const stored = await writeList(espo, pathOf(person), kind, changed)
    if (isMarked(stored)) return
    if (current.primary) {
      const answer = await api.write('PUT', pathOf(person), primaryFlags(kind, marks))
      if (isMarked(answer) || hasPrimaryFlags(answer, kind, marks)) return
    }
    report(
      `espocrm: took back the mark of an address of ${person.type} (it is shared with a record that the role may not edit: let it edit all Leads, Contacts, Accounts)`,
    )
  }
}

/** The primary one too where the role may not read the list. */
export function espoEmailsOf({ api }: Espo): Crm['emailsOf'] {
  return async (person) => {
    if (!isRecord(person)) return []
    const record = await api.read(pathOf(person))
    const { emailAddress } = entry.catch({}).parse(record)
    const all = [emailAddress, ...entriesOf(record, 'emailAddress').map((one) => one.emailAddress)]
    return [...new Set(all.flatMap((one) => one?.trim().toLowerCase() || []))]
  }
}

/**
 * In international mode EspoCRM refuses a list with any number that has no plus, such as one that was kept before the mode
 * was on: then those of our country are written internationally, the primary one also where it stands alone.
 */
async function writeList(espo: Espo, path: string, kind: Kind, list: readonly Entry[]): Promise<Attributes> {
  try {
    return await espo.api.write('PUT', path, { [`${kind}Data`]: list })
  } catch (error) {
    const isNumber = kind === 'phoneNumber' && error instanceof ProviderError && error.providerCode === '400'
    if (!isNumber) throw error
    const phoneNumberData = list.map((one) => ({ ...one, phoneNumber: international(one, espo.country) }))
    const phoneNumber = phoneNumberData.find(({ primary }) => primary)?.phoneNumber
    return espo.api.write('PUT', path, { phoneNumberData, ...(phoneNumber != null && { phoneNumber }) })
  }
}

function international({ phoneNumber }: Entry, country: string): string | null | undefined {
  return (phoneNumber && e164(phoneNumber, country)) ?? phoneNumber
}

function entriesOf(record: unknown, kind: Kind): Entry[] {
  const { data } = z.looseObject({}).safeParse(record)
  return entries.parse(data?.[`${kind}Data`])
}

function isAddress({ phoneNumber, emailAddress }: Entry, address: Address, country: string): boolean {
  if ('email' in address) return emailAddress?.trim().toLowerCase() === address.email.toLowerCase()
  return (
    phoneNumber != null && (phoneNumber === address.phone || isNumber(phoneNumber, address.phone, country))
  )
}

function flagsOf({ invalid, optedOut }: Marks): { invalid?: boolean; optOut?: boolean } {
  return { ...(invalid !== undefined && { invalid }), ...(optedOut !== undefined && { optOut: optedOut }) }
}

function hasMarks(one: Entry, marks: Marks): boolean {
  const { invalid = one.invalid ?? false, optOut = one.optOut ?? false } = flagsOf(marks)
  return (one.invalid ?? false) === invalid && (one.optOut ?? false) === optOut
}

function primaryFlags(kind: Kind, { invalid, optedOut }: Marks): Attributes {
  return {
    ...(invalid !== undefined && { [`${kind}IsInvalid`]: invalid }),
    ...(optedOut !== undefined && { [`${kind}IsOptedOut`]: optedOut }),
  }
}

function hasPrimaryFlags(answer: Attributes, kind: Kind, marks: Marks): boolean {
  return Object.entries(primaryFlags(kind, marks)).every(([name, value]) => answer[name] === value)
}
