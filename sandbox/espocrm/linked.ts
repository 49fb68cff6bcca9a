import { all, type Books, type CrmRecord, find } from './books.ts'
import { type EntityName, fieldsOf } from './entities.ts'
import { badRequest } from './refusal.ts'
import { may, mayReadField } from './role.ts'
import { idsOf } from './shown.ts'

/** Which records are linked, or not. Throws 400 for a link, or a record at its end, that is not there or is forbidden. */
export function linkedTo(
  books: Books,
  entity: EntityName,
  type: string,
  link: string,
  value: unknown,
): (record: CrmRecord) => boolean {
  const target = targetOf(books, entity, link)
  if (!may(books.switches, target, 'read') || !mayReadField(books.switches, entity, link))
    throw badRequest(`Forbidden link '${link}' in where.`)
  const isAny = type === 'isLinked' || type === 'isNotLinked'
  const wanted: unknown[] = Array.isArray(value) ? value : [value]
  if (!isAny) checkIds(books, target, wanted)
  const isLinked = (record: CrmRecord) => {
    const ids = linkedIds(books, record, link)
    return isAny ? ids.length > 0 : ids.some((id) => wanted.includes(id))
  }
  return type === 'linkedWith' || type === 'isLinked' ? isLinked : (record) => !isLinked(record)
}

/** The ids at the other end of a link: of a meeting's people, of a person's meetings (as attendee only). */
export function linkedIds(books: Books, record: CrmRecord, link: string): string[] {
  if (link !== 'meetings') {
    const { [`${link}Id`]: one, [`${link}Ids`]: many } = record.attributes
    return [...idsOf(many), ...(one ? [String(one)] : [])]
  }
  const attendees = record.entity === 'Lead' ? 'leadsIds' : 'contactsIds'
  return all(books, 'Meeting')
    .filter(({ attributes }) => idsOf(attributes[attendees]).includes(record.id))
    .map(({ id }) => id)
}

function targetOf({ switches }: Books, entity: EntityName, link: string): string {
  if (link === 'meetings' && (entity === 'Lead' || entity === 'Contact')) return 'Meeting'
  const field = fieldsOf(entity, switches)[link]
  if (field?.type === 'linkParent')
    throw badRequest(`Bad relation '${link}' in where, no foreign entity type.`)
  const target = field?.entity
  if (target === undefined) throw badRequest(`Not existing relation '${link}' in where.`)
  return target
}

function checkIds(books: Books, target: string, ids: readonly unknown[]): void {
  for (const id of ids) {
    if (typeof id !== 'string') throw badRequest('Bad where item. Non-string ID.')
    if (find(books, target, id) === undefined) throw badRequest(`Record '${target}' \`${id}\` not found.`)
  }
}
