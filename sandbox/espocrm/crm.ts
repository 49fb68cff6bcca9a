import { z } from 'zod'
import { credentials } from '../credentials.ts'
import { type Attributes, type Books, type CrmRecord, type CrmWrite, find, type Unanswered } from './books.ts'
import { defaultsOf, type EntityName } from './entities.ts'
import { wholeOf } from './shown.ts'
import { store } from './store.ts'
import type { Switches } from './switches.ts'
import { espoTime, isTime, storedTime } from './time.ts'

const time = z
  .union([z.date(), z.string()])
  .transform((value) =>
    value instanceof Date ? espoTime(value) : String(storedTime(value.replace(/\.\d+/, ''))),
  )
  .refine(isTime, 'must be a time such as 2026-11-22 07:15:00 or 2026-11-22T07:15:00Z')

/** A person or a company as a control or a test makes one; numbers are kept as they are written, national ones too. */
export const personOrder = z.strictObject({
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  /** Of an account. */
  name: z.string().optional(),
  phone: z.string().optional(),
  /** Further numbers. */
  phones: z.array(z.string()).optional(),
  email: z.string().optional(),
  status: z.string().optional(),
  accountId: z.string().optional(),
  assignedUserId: z.string().optional(),
  createdAt: time.optional(),
})
export type PersonOrder = z.input<typeof personOrder>

/** A meeting: planned and half an hour long unless told otherwise. */
export const meetingOrder = z.strictObject({
  name: z.string().optional(),
  status: z.enum(['Planned', 'Held', 'Not Held']).optional(),
  dateStart: time,
  dateEnd: time.optional(),
  parent: z.strictObject({ type: z.string(), id: z.string() }).optional(),
  leads: z.array(z.string()).optional(),
  contacts: z.array(z.string()).optional(),
})
export type MeetingOrder = z.input<typeof meetingOrder>

/** A record with all its attributes, by EspoCRM's names. */
export type ShownRecord = Attributes & { entity: EntityName; id: string }

/** The CRM seen from outside: what is in it, and how it behaves. */
export interface SandboxCrm {
  /** The settings and the role; changed in place, and kept when the rest is forgotten. */
  switches: Switches
  lead(order: PersonOrder): ShownRecord
  contact(order: PersonOrder): ShownRecord
  account(order: PersonOrder): ShownRecord
  meeting(order: MeetingOrder): ShownRecord
  /** Everything that is there, or what is there of one entity; the oldest first. */
  records(entity?: EntityName): ShownRecord[]
  /** One record; undefined: it is not there. */
  record(entity: EntityName, id: string): ShownRecord | undefined
  /** Every write through the API that was accepted, in order, with what was sent: taken or not. */
  writes(): CrmWrite[]
  /** The next writes (one, unless told otherwise) are done, and the line is cut instead of an answer. */
  unanswered(kind: Unanswered['kind'], count?: number): void
}

export function sandboxCrm(books: Books): SandboxCrm {
  const person = (entity: EntityName) => (order: PersonOrder) =>
    seeded(books, entity, personAttributes(personOrder.parse(order)))
  return {
    switches: books.switches,
    lead: person('Lead'),
    contact: person('Contact'),
    account: person('Account'),
    meeting: (order) => seeded(books, 'Meeting', meetingAttributes(meetingOrder.parse(order))),
    records: (entity) =>
      books.records
        .values()
        .filter((record) => entity === undefined || record.entity === entity)
        .sort((one, other) => one.number - other.number)
        .map((record) => shownRecord(books, record)),
    record(entity, id) {
      const record = find(books, entity, id)
      return record && shownRecord(books, record)
    },
    writes: () => books.writes.values(),
    unanswered(kind, count = 1) {
      books.unanswered = { kind, count }
    },
  }
}

function shownRecord(books: Books, record: CrmRecord): ShownRecord {
  return { ...wholeOf(books, record), entity: record.entity, id: record.id }
}

function seeded(books: Books, entity: EntityName, attributes: Attributes): ShownRecord {
  const record = books.open(entity)
  store(books, record, undefined, { ...defaultsOf(entity, books.switches), ...attributes })
  const { createdAt } = attributes
  if (createdAt !== undefined) record.attributes = { ...record.attributes, createdAt }
  return shownRecord(books, record)
}

function personAttributes(order: z.output<typeof personOrder>): Attributes {
  const { phone, phones = [], email, ...rest } = order
  const numbers = [...(phone === undefined ? [] : [phone]), ...phones]
  return {
    ...rest,
    ...(numbers.length > 0 && { phoneNumberData: numbers.map((phoneNumber) => ({ phoneNumber })) }),
    ...(email !== undefined && { emailAddress: email }),
  }
}

function meetingAttributes(order: z.output<typeof meetingOrder>): Attributes {
  const { name = 'Rendez-vous', status = 'Planned', dateStart, dateEnd, parent, leads, contacts } = order
  const halfAnHourLater = new Date(Date.parse(`${dateStart.replace(' ', 'T')}Z`) + 30 * 60_000)
  return {
    name,
    status,
    assignedUserId: credentials.espocrm.assignedUserId,
    dateStart,
    dateEnd: dateEnd ?? espoTime(halfAnHourLater),
    ...(parent && { parentType: parent.type, parentId: parent.id }),
    leadsIds: leads ?? [],
    contactsIds: contacts ?? [],
  }
}
