import { keyOfAddress } from './addresses.ts'
import type { Address, AddressKind, Attributes, Books, CrmRecord } from './books.ts'
import { fieldsOf } from './entities.ts'
import { may } from './role.ts'

/** A write of one record's numbers, or of its addresses. */
interface Change {
  books: Books
  record: CrmRecord
  kind: AddressKind
  defaultType: string | null
  /** The record as it was; undefined: it is new. */
  before: Attributes | undefined
  after: Attributes
}

/** One row of `phoneNumberData` or `emailAddressData`. */
interface Entry extends Address {
  readonly key: string
  readonly primary: boolean
}

/** Keeps the numbers and addresses of a write: a list replaces the whole list, a single one the primary one. */
export function storeAddresses(
  books: Books,
  record: CrmRecord,
  before: Attributes | undefined,
  after: Attributes,
): void {
  const fields = fieldsOf(record.entity, books.switches)
  for (const kind of ['phoneNumber', 'emailAddress'] as const) {
    const defaultType = fields[kind]?.defaultType ?? null
    const change: Change = { books, record, kind, defaultType, before, after }
    const [list, single] = [after[`${kind}Data`], after[kind]]
    if (Array.isArray(list) && isChanged(change, `${kind}Data`)) storeList(change, entriesOf(change, list))
    else if (typeof single === 'string' && single !== '') storePrimary(change, single)
    else if (before?.[kind]) dropPrimary(change)
  }
}

function isChanged({ before, after }: Change, attribute: string): boolean {
  return JSON.stringify(before?.[attribute]) !== JSON.stringify(after[attribute])
}

function entriesOf(change: Change, list: readonly Attributes[]): Entry[] {
  const { kind, defaultType, after } = change
  const primaryAt = Math.max(
    list.findLastIndex(({ primary }) => Boolean(primary)),
    0,
  )
  return list.map((row, at) => {
    const written = String(row[kind] ?? '').trim()
    // The primary one's flags may be changed beside the list; else those in it count, and one left out is false.
    const flag = (name: string, attribute: string) =>
      Boolean(written === after[kind] && isChanged(change, attribute) ? after[attribute] : row[name])
    return {
      key: keyOfAddress(kind, written),
      written,
      primary: at === primaryAt,
      type: typeof row.type === 'string' ? row.type : defaultType,
      optOut: flag('optOut', `${kind}IsOptedOut`),
      invalid: flag('invalid', `${kind}IsInvalid`),
    }
  })
}

function storeList(change: Change, entries: readonly Entry[]): void {
  const { books, record, kind } = change
  for (const { key, written, type, optOut, invalid } of entries) {
    const known = books.addresses[kind].get(key)
    // Silently: only the answer shows that the flags are as they were.
    if (known && !mayMark(change, key)) continue
    books.addresses[kind].set(key, { written: known?.written ?? written, type, optOut, invalid })
  }
  link(
    record,
    kind,
    entries.map(({ key, primary }) => ({ key, primary })),
  )
}

/** Whether the role may edit every other record that has this number or address. */
function mayMark({ books, record, kind }: Change, key: string): boolean {
  return books.records
    .values()
    .filter(({ id, addresses }) => id !== record.id && addresses[kind].some((one) => one.key === key))
    .every(({ entity }) => may(books.switches, entity, 'edit'))
}

/** Knows no such check. A new number takes over the flags that the record showed. */
function storePrimary(change: Change, written: string): void {
  const { books, record, kind, defaultType, before, after } = change
  const key = keyOfAddress(kind, written)
  const isNew = written !== before?.[kind]
  const known = books.addresses[kind].get(key)
  const { optOut, invalid, ...rest } = known ?? { written, type: defaultType, optOut: false, invalid: false }
  const flag = (name: string, was: boolean) =>
    after[name] !== undefined && (isNew || isChanged(change, name)) ? Boolean(after[name]) : was
  books.addresses[kind].set(key, {
    ...rest,
    optOut: flag(`${kind}IsOptedOut`, optOut),
    invalid: flag(`${kind}IsInvalid`, invalid),
  })
  if (!isNew) return
  const others = record.addresses[kind].filter((one) => !one.primary && one.key !== key)
  link(record, kind, [{ key, primary: true }, ...others])
}

function dropPrimary({ record, kind }: Change): void {
  const left = record.addresses[kind].filter(({ primary }) => !primary)
  link(
    record,
    kind,
    left.map(({ key }, at) => ({ key, primary: at === 0 })),
  )
}

function link(record: CrmRecord, kind: AddressKind, links: CrmRecord['addresses'][AddressKind]): void {
  record.addresses = { ...record.addresses, [kind]: links }
}
