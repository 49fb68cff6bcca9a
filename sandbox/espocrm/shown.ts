import { shownAddresses } from './addresses.ts'
import { type Attributes, type Books, type CrmRecord, find } from './books.ts'
import { fieldsOf } from './entities.ts'
import { type Field, shownAttributes } from './field.ts'
import { mayReadField } from './role.ts'

/** A record with everything that EspoCRM tells of it, but what the role may not read; what it has not is null. */
export function shown(books: Books, record: CrmRecord): Attributes {
  const whole = wholeOf(books, record)
  const told: Record<string, unknown> = { id: record.id, deleted: false }
  for (const [name, field] of Object.entries(fieldsOf(record.entity, books.switches)))
    if (mayReadField(books.switches, record.entity, name))
      for (const attribute of shownAttributes(name, field)) told[attribute] = whole[attribute] ?? null
  return told
}

/** The same without regard to the role: what the server itself reckons with. */
export function wholeOf(books: Books, record: CrmRecord): Attributes {
  const whole: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fieldsOf(record.entity, books.switches)))
    Object.assign(whole, valuesOf(books, record, name, field))
  return whole
}

/** What the record is called elsewhere. */
export function nameOf(record: CrmRecord | undefined): string | null {
  if (record === undefined) return null
  const { name, firstName, lastName } = record.attributes
  return String(name ?? [firstName, lastName].filter(Boolean).join(' ')) || null
}

function valuesOf(books: Books, record: CrmRecord, name: string, field: Field): Attributes {
  const own = record.attributes
  const value = (attribute: string) => own[attribute] ?? null
  switch (field.type) {
    case 'personName':
      return { [name]: nameOf(record) }
    case 'bool':
      return { [name]: own[name] ?? false }
    case 'datetimeOptional':
      return { [name]: value(name), [`${name}Date`]: value(`${name}Date`) }
    case 'phone':
      return shownAddresses(books, record, 'phoneNumber')
    case 'email':
      return shownAddresses(books, record, 'emailAddress')
    case 'link':
      return {
        [`${name}Id`]: value(`${name}Id`),
        [`${name}Name`]: linked(books, field.entity, value(`${name}Id`)),
      }
    case 'linkParent': {
      const [type, id] = [value(`${name}Type`), value(`${name}Id`)]
      return { [`${name}Type`]: type, [`${name}Id`]: id, [`${name}Name`]: linked(books, type, id) }
    }
    case 'linkMultiple':
      return manyOf(books, record, name, field)
    default:
      return { [name]: value(name) }
  }
}

function linked(books: Books, entity: unknown, id: unknown): string | null {
  return id === null ? null : nameOf(find(books, entity, id))
}

function manyOf(books: Books, { attributes }: CrmRecord, name: string, field: Field): Attributes {
  const ids = idsOf(attributes[`${name}Ids`])
  const names = Object.fromEntries(ids.map((id) => [id, linked(books, field.entity, id)]))
  const many = { [`${name}Ids`]: ids, [`${name}Names`]: names }
  if (!field.columns) return many
  const columns = columnsOf(attributes[`${name}Columns`])
  const kept = ids.map((id) => [id, { status: 'None', ...columns[id] }])
  return { ...many, [`${name}Columns`]: Object.fromEntries(kept) }
}

/** The ids of a list of links; none where it is not a list. */
export function idsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

export function columnsOf(value: unknown): Record<string, Attributes> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
