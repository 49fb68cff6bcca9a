import type { Address, AddressKind, Attributes, Books, CrmRecord } from './books.ts'

/** The attributes that show a record's numbers or addresses; the flags are those of the primary one. */
export function shownAddresses(books: Books, record: CrmRecord, kind: AddressKind): Attributes {
  const links = record.addresses[kind].toSorted((one, other) => Number(other.primary) - Number(one.primary))
  const entries = links.map(({ key, primary }) => ({ key, primary, ...addressOf(books, kind, key) }))
  const first = entries.find(({ primary }) => primary)
  return {
    [kind]: first?.written ?? null,
    [`${kind}IsOptedOut`]: first?.optOut ?? false,
    [`${kind}IsInvalid`]: first?.invalid ?? false,
    [`${kind}Data`]: entries.map(({ key, written, primary, type, optOut, invalid }) =>
      kind === 'phoneNumber'
        ? { phoneNumber: written, primary, type, optOut, invalid }
        : { emailAddress: written, lower: key, primary, optOut, invalid },
    ),
  }
}

/** All numbers or addresses of a record, as they are written. */
export function writtenAddresses(books: Books, record: CrmRecord, kind: AddressKind): string[] {
  return record.addresses[kind].map(({ key }) => addressOf(books, kind, key).written)
}

/** Two writings of an email address that differ by case only are one; a number is one only as it is written. */
export function keyOfAddress(kind: AddressKind, written: string): string {
  return kind === 'emailAddress' ? written.trim().toLowerCase() : written.trim()
}

function addressOf(books: Books, kind: AddressKind, key: string): Address {
  const unknown: Address = { written: key, type: null, optOut: false, invalid: false }
  return books.addresses[kind].get(key) ?? unknown
}
