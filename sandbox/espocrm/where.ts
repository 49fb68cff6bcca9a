import { z } from 'zod'
import { writtenAddresses } from './addresses.ts'
import type { Books, CrmRecord } from './books.ts'
import { type EntityName, fieldsOf } from './entities.ts'
import { searchable } from './field.ts'
import { linkedTo } from './linked.ts'
import { badRequest } from './refusal.ts'
import { mayReadField } from './role.ts'
import { wholeOf } from './shown.ts'
import { testOf } from './where-tests.ts'

const item = z.object({
  type: z.string().min(1),
  attribute: z.string().nullish(),
  value: z.unknown().optional(),
})

export type Predicate = (record: CrmRecord) => boolean

const links = ['linkedWith', 'notLinkedWith', 'isLinked', 'isNotLinked']

/** Which records a search means: those for which all items hold. Throws 400 for what EspoCRM does not understand. */
export function whereOf(books: Books, entity: EntityName, items: readonly unknown[]): Predicate {
  const predicates = items.map((raw) => predicateOf(books, entity, raw))
  return (record) => predicates.every((predicate) => predicate(record))
}

function predicateOf(books: Books, entity: EntityName, raw: unknown): Predicate {
  const read = item.safeParse(raw)
  if (!read.success) throw badRequest("Bad where item. No 'type'.")
  const { type, value } = read.data
  const attribute = read.data.attribute ?? ''
  if (type === 'and' || type === 'or') {
    if (!Array.isArray(value)) throw badRequest('Bad where item.')
    const predicates = value.map((inner: unknown) => predicateOf(books, entity, inner))
    return type === 'and'
      ? (record) => predicates.every((predicate) => predicate(record))
      : (record) => predicates.some((predicate) => predicate(record))
  }
  if (['not', 'subQueryIn', 'subQueryNotIn'].includes(type))
    throw badRequest('Sub-queries are forbidden in where.')
  if (attribute === '') throw badRequest("Bad where item. No 'attribute'.")
  if (links.includes(type)) return linkedTo(books, entity, type, attribute, value)
  checkAttribute(books, entity, attribute)
  const test = testOf(type, value, books.now())
  return (record) => test(valuesOf(books, record, attribute))
}

function checkAttribute({ switches }: Books, entity: EntityName, attribute: string): void {
  if (/[:()]/.test(attribute)) throw badRequest('Complex expressions are forbidden in where.')
  if (attribute === 'id') return
  const field = Object.entries(fieldsOf(entity, switches)).find(([name, one]) =>
    searchable(name, one).includes(attribute),
  )
  if (field === undefined) throw badRequest(`Not existing attribute '${attribute}' in where.`)
  if (!mayReadField(switches, entity, field[0]))
    throw badRequest(`Forbidden attribute '${attribute}' in where.`)
}

/** What is compared: all of a record's numbers and addresses, not only the primary one. */
function valuesOf(books: Books, record: CrmRecord, attribute: string): readonly unknown[] {
  if (attribute === 'id') return [record.id]
  if (attribute === 'phoneNumber') return some(writtenAddresses(books, record, 'phoneNumber'))
  if (attribute === 'phoneNumberNumeric')
    return some(writtenAddresses(books, record, 'phoneNumber').map((number) => number.replaceAll(/\D/g, '')))
  if (attribute === 'emailAddress' && record.entity !== 'Email')
    return some(record.addresses.emailAddress.map(({ key }) => key))
  return [wholeOf(books, record)[attribute] ?? null]
}

function some(values: readonly string[]): readonly unknown[] {
  return values.length > 0 ? values : [null]
}
