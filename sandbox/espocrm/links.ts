import { type Attributes, type Books, find } from './books.ts'
import { type EntityName, fieldsOf } from './entities.ts'
import { forbidden, translated } from './refusal.ts'
import { may } from './role.ts'
import { idsOf } from './shown.ts'

/** Throws 403 where a link that is new leads to a record that is not there, or that the role may not read. */
export function checkLinks(
  books: Books,
  entity: EntityName,
  before: Attributes | undefined,
  after: Attributes,
): void {
  for (const [name, field] of Object.entries(fieldsOf(entity, books.switches))) {
    const check = (target: unknown, id: unknown) => checkLink(books, entity, name, String(target), id)
    const id = after[`${name}Id`] ?? null
    const isNew = id !== null && id !== before?.[`${name}Id`]
    if (field.type === 'link' && isNew) check(field.entity, id)
    if (field.type === 'linkParent' && isNew && after[`${name}Type`]) check(after[`${name}Type`], id)
    if (field.type === 'linkMultiple') {
      const known = idsOf(before?.[`${name}Ids`])
      for (const one of idsOf(after[`${name}Ids`])) if (!known.includes(one)) check(field.entity, one)
    }
  }
}

/** Throws 403 where the role may not assign to others. */
export function checkAssignment(
  { switches }: Books,
  apiUserId: string,
  before: Attributes | undefined,
  after: Attributes,
): void {
  const id = after.assignedUserId ?? null
  if (switches.assignment === 'all' || id === null || id === apiUserId || id === before?.assignedUserId)
    return
  throw forbidden('Assignment failure: assigned user or team not allowed.')
}

function checkLink(books: Books, entity: EntityName, link: string, target: string, id: unknown): void {
  if (find(books, target, id) === undefined)
    throw forbidden(
      `Can't relate with non-existing record. entity type: ${entity}, link: ${link}.`,
      translated('cannotRelateNonExisting', { foreignEntityType: target }),
    )
  if (!may(books.switches, target, 'read'))
    throw forbidden(
      `No foreign record access for link operation (${entity}:${link}).`,
      translated('cannotRelateForbidden', { foreignEntityType: target, action: 'read' }),
    )
}
