import { type Attributes, all, type Books, type CrmRecord } from './books.ts'
import { type EntityName, entityOf, fieldsOf } from './entities.ts'
import { shownAttributes } from './field.ts'
import { badRequest } from './refusal.ts'
import { demand } from './role.ts'
import type { Search } from './search.ts'
import { shown } from './shown.ts'
import { compared } from './text.ts'
import { whereOf } from './where.ts'

export interface Listing {
  /** -1: there are more, -2: there are none; where they were not counted. */
  total: number
  list: Attributes[]
}

/** Always listed with an email or a contact, whatever was selected. */
const mandatory = new Map<EntityName, readonly string[]>([
  ['Email', ['name', 'createdById', 'dateSent', 'parentId', 'parentType', 'isHtml', 'status', 'messageId']],
  ['Contact', ['accountId', 'accountName']],
])

/** The records that a search means. Throws 403 where the role does not read them, 400 for what is not understood. */
export function listed(books: Books, entity: EntityName, search: Search, counts: boolean): Listing {
  demand(books.switches, entity, 'read')
  const matches = whereOf(books, entity, search.where)
  const filter = primaryFilter(entity, search.primaryFilter)
  const found = all(books, entity).filter((record) => matches(record) && filter(record))
  return pageOf(books, entity, found, search, counts && entity !== 'Email')
}

/** One page of these records, in the order that was asked for. */
export function pageOf(
  books: Books,
  entity: EntityName,
  found: readonly CrmRecord[],
  search: Search,
  counts: boolean,
): Listing {
  const { select, offset, maxSize } = search
  const page = sorted(books, entity, found, search).slice(offset, offset + maxSize)
  const names = selected(books, entity, select, search.orderBy)
  const list = page.map((record) => {
    const attributes = Object.entries(shown(books, record)).filter(([name]) => names.has(name))
    return Object.fromEntries(attributes)
  })
  const hasMore = found.length > offset + maxSize
  return { total: counts ? found.length : hasMore ? -1 : -2, list }
}

function primaryFilter(entity: EntityName, name: string | undefined): (record: CrmRecord) => boolean {
  if (name === undefined) return () => true
  const status = new Map([
    ['planned', 'Planned'],
    ['held', 'Held'],
  ]).get(name)
  if (entity !== 'Meeting' || status === undefined)
    throw badRequest(`The sandbox has no primaryFilter '${name}' of ${entity}.`)
  return ({ attributes }) => attributes.status === status
}

function sorted(
  books: Books,
  entity: EntityName,
  records: readonly CrmRecord[],
  search: Search,
): CrmRecord[] {
  const byDefault = entityOf(entity)
  const orderBy = search.orderBy ?? byDefault.orderBy
  const order = search.order ?? (search.orderBy === undefined ? byDefault.order : 'asc')
  if (orderBy !== 'id' && fieldsOf(entity, books.switches)[orderBy] === undefined)
    throw badRequest(`Order by non-existing field '${orderBy}'.`)
  const keys = new Map(records.map((record) => [record, shown(books, record)[orderBy]]))
  const direction = order === 'asc' ? 1 : -1
  return records.toSorted(
    (one, other) => direction * (compared(keys.get(one), keys.get(other)) || one.number - other.number),
  )
}

/** Lists hold no links to many, unless they are selected, and never the lists of numbers and addresses. */
function selected(
  { switches }: Books,
  entity: EntityName,
  select: readonly string[] | undefined,
  orderBy: string | undefined,
): ReadonlySet<string> {
  const names = new Set(['id'])
  const wanted = select && [...select, ...(mandatory.get(entity) ?? []), 'assignedUserId', 'createdById']
  for (const [name, field] of Object.entries(fieldsOf(entity, switches))) {
    const attributes = shownAttributes(name, field).filter((attribute) => !attribute.endsWith('Data'))
    const isMany = field.type === 'linkMultiple'
    if (isMany && attributes.some((attribute) => wanted?.includes(attribute))) add(attributes)
    else if (wanted === undefined && !isMany) add(attributes)
    else if (name === (orderBy ?? entityOf(entity).orderBy)) add(attributes)
    else if (!isMany) add(attributes.filter((attribute) => wanted?.includes(attribute)))
  }
  return names

  function add(attributes: readonly string[]): void {
    for (const attribute of attributes) names.add(attribute)
  }
}
