import { randomUUID } from 'node:crypto'
import { credentials } from '../credentials.ts'
import { type Attributes, type Books, type CrmRecord, type CrmWrite, find } from './books.ts'
import { checkDuplicates } from './duplicates.ts'
import { checkFrom, keptOfEmail } from './email-rules.ts'
import { defaultsOf, type EntityName } from './entities.ts'
import { given } from './given.ts'
import { checkAssignment, checkLinks } from './links.ts'
import { EspoRefusal, forbidden, notFound } from './refusal.ts'
import { demand, may } from './role.ts'
import { shown, wholeOf } from './shown.ts'
import { store } from './store.ts'
import { espoTime } from './time.ts'
import { validate } from './validate.ts'
import { checkVersion } from './version.ts'

const { userId } = credentials.espocrm

/** Makes a record; gives it as the client is told of it. Throws what EspoCRM answers instead. */
export function create(
  books: Books,
  entity: EntityName,
  body: Attributes,
  options: { skipDuplicateCheck: boolean },
): Attributes {
  const { switches } = books
  demand(switches, entity, 'create')
  const after: Attributes = { ...defaultsOf(entity, switches), ...given(switches, entity, body, true) }
  validate(switches, entity, after, undefined)
  if (entity === 'Note') checkStream(books, after)
  checkAssignment(books, userId, undefined, after)
  checkLinks(books, entity, undefined, after)
  if (!options.skipDuplicateCheck) checkDuplicates(books, entity, after)
  if (entity === 'Email') checkFrom(switches, undefined, after)
  if (entity === 'Note' && after.isInternal) throw forbidden('Internal note is not allowed.')
  const record = books.open(entity)
  store(books, record, undefined, after)
  keepWrite(books, 'create', record, body)
  if (after.status === 'Sending') failSending(books, record)
  return shown(books, record)
}

/** Changes a record; PUT and PATCH are the same. */
export function update(
  books: Books,
  entity: EntityName,
  id: string,
  body: Attributes,
  version: number | undefined,
): Attributes {
  const { switches } = books
  demand(switches, entity, 'edit')
  const changes = given(switches, entity, body, false)
  const record = find(books, entity, id)
  if (record === undefined) throw notFound(`Record ${id} not found.`)
  const before = wholeOf(books, record)
  const wanted = { ...before, ...changes }
  checkVersion(before, changes, version)
  validate(switches, entity, wanted, changes)
  checkAssignment(books, userId, before, wanted)
  checkLinks(books, entity, before, wanted)
  if (entity === 'Email') checkFrom(switches, before, wanted)
  const after = entity === 'Email' ? keptOfEmail(switches, before, wanted) : wanted
  store(books, record, before, after)
  keepWrite(books, 'update', record, body)
  if (after.status === 'Sending') failSending(books, record)
  return { ...shown(books, record), ...columnsAsSent(changes) }
}

/** Takes a record away. */
export function remove(books: Books, entity: EntityName, id: string): void {
  demand(books.switches, entity, 'delete')
  const record = find(books, entity, id)
  if (record === undefined) throw notFound(`Record ${id} not found.`)
  books.records.delete(`${entity}/${id}`)
  keepWrite(books, 'delete', record, {})
}

/** A post needs the stream of its parent, not only the parent. */
function checkStream(books: Books, { parentType, parentId }: Attributes): void {
  if (!parentType || !parentId) return
  const isSeen = may(books.switches, String(parentType), 'stream') && find(books, parentType, parentId)
  if (!isSeen) throw forbidden('No create access.')
}

/** There is no SMTP account here: a record that is to be sent stays behind as a draft. */
function failSending(books: Books, record: CrmRecord): never {
  record.attributes = { ...record.attributes, status: 'Draft' }
  books.keep(record)
  const message = 'No SMTP account in the sandbox.'
  throw new EspoRefusal(500, 'sendingFail', { id: record.id, message })
}

/** The columns of an update come back as they were sent, also those that were passed over. */
function columnsAsSent(changes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name.endsWith('Columns')))
}

function keepWrite(
  books: Books,
  action: CrmWrite['action'],
  { entity, id }: CrmRecord,
  sent: Attributes,
): void {
  // Never keyed by the record: each of its writes is one.
  books.writes.set(randomUUID(), { at: espoTime(books.now()), action, entity, id, sent })
}
