import { randomBytes } from 'node:crypto'
import { credentials } from '../credentials.ts'
import { createRecent, type Recent } from '../recent.ts'
import type { EntityName } from './entities.ts'
import { createSwitches, type Switches } from './switches.ts'
import { espoTime } from './time.ts'

export type Attributes = Readonly<Record<string, unknown>>
export type AddressKind = 'phoneNumber' | 'emailAddress'

/** A number or an email address. There is one of each, whichever records have it, and its flags are theirs in common. */
export interface Address {
  /** As it was written first. */
  readonly written: string
  readonly type: string | null
  readonly optOut: boolean
  readonly invalid: boolean
}

export interface AddressLink {
  readonly key: string
  readonly primary: boolean
}

export interface CrmRecord {
  readonly entity: EntityName
  readonly id: string
  /** Its place among everything that was ever created here. */
  readonly number: number
  /** What is stored of it: links by their ids, and no addresses. */
  attributes: Attributes
  addresses: Record<AddressKind, readonly AddressLink[]>
}

/** One write that was accepted, with what the client sent, taken or not. */
export interface CrmWrite {
  at: string
  action: 'create' | 'update' | 'delete'
  entity: EntityName
  id: string
  sent: Attributes
}

/** How the next writes end: done, but the line stays silent until it is cut (`timeout`), or is cut at once (`drop`). */
export interface Unanswered {
  kind: 'timeout' | 'drop'
  count: number
}

/** Everything that this CRM remembers. */
export interface Books {
  now(): Date
  readonly switches: Switches
  readonly records: Recent<CrmRecord>
  readonly addresses: Record<AddressKind, Recent<Address>>
  readonly writes: Recent<CrmWrite>
  /** When an address was turned away for its key, in milliseconds. */
  readonly denied: Map<string, readonly number[]>
  unanswered: Unanswered | undefined
  /** A new, empty record, not yet kept. */
  open(entity: EntityName, id?: string): CrmRecord
  keep(record: CrmRecord): void
  forget(): void
}

export function createBooks(now: () => Date): Books {
  let count = 0
  const books: Books = {
    now,
    switches: createSwitches(),
    records: createRecent(),
    addresses: { phoneNumber: createRecent(), emailAddress: createRecent() },
    writes: createRecent(),
    denied: new Map(),
    unanswered: undefined,
    open(entity, id = newId(now(), count)) {
      const addresses = { phoneNumber: [], emailAddress: [] }
      return { entity, id, number: ++count, attributes: {}, addresses }
    },
    keep: (record) => books.records.set(keyOf(record.entity, record.id), record),
    forget() {
      const { phoneNumber, emailAddress } = books.addresses
      for (const memory of [books.records, books.writes, phoneNumber, emailAddress, books.denied])
        memory.clear()
      books.unanswered = undefined
      employ(books)
    },
  }
  employ(books)
  return books
}

export function find(books: Books, entity: unknown, id: unknown): CrmRecord | undefined {
  return books.records.get(keyOf(String(entity), String(id)))
}

/** All records of an entity, the oldest first. */
export function all(books: Books, entity: EntityName): CrmRecord[] {
  return books.records
    .values()
    .filter((record) => record.entity === entity)
    .sort((one, other) => one.number - other.number)
}

/** The people and the team that every fresh sandbox has. */
function employ(books: Books): void {
  const { userId, assignedUserId, teamId } = credentials.espocrm
  const createdAt = espoTime(books.now())
  const staff = [
    ['User', userId, { userName: 'max-comms', name: 'max-comms', type: 'api' }],
    ['User', assignedUserId, { userName: 'claire', name: 'Claire Martin', type: 'regular' }],
    ['Team', teamId, { name: 'Accueil' }],
  ] as const
  for (const [entity, id, attributes] of staff)
    books.keep({ ...books.open(entity, id), attributes: { ...attributes, createdAt } })
}

function keyOf(entity: string, id: string): string {
  return `${entity}/${id}`
}

/** 17 characters, as EspoCRM makes them: the time in 13 hexadecimal digits, and 4 at random. */
function newId(now: Date, count: number): string {
  const seconds = Math.floor(now.getTime() / 1_000).toString(16)
  const micros = (count % 0x100000).toString(16).padStart(5, '0')
  return `${seconds.padStart(8, '0')}${micros}${randomBytes(2).toString('hex')}`
}
