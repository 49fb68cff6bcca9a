import { credentials } from '../credentials.ts'
import { type Attributes, type Books, type CrmRecord, find } from './books.ts'
import { fieldsOf } from './entities.ts'
import { type Field, settable } from './field.ts'
import { columnsOf, idsOf } from './shown.ts'
import { storeAddresses } from './store-addresses.ts'
import { espoTime } from './time.ts'

/** Keeps a record as it has become; `before` is what it was, undefined where it is new. */
export function store(
  books: Books,
  record: CrmRecord,
  before: Attributes | undefined,
  after: Attributes,
): void {
  const stored: Record<string, unknown> = { ...record.attributes }
  for (const [name, field] of Object.entries(fieldsOf(record.entity, books.switches)))
    if (field.type === 'linkMultiple') Object.assign(stored, linksOf(books, name, field, before, after))
    else if (field.type !== 'phone' && field.type !== 'email')
      for (const attribute of settable(name, field))
        if (after[attribute] !== undefined) stored[attribute] = after[attribute]
  if (record.entity === 'Meeting') Object.assign(stored, meetingOf(books, stored, before === undefined))
  record.attributes = { ...stored, ...stamps(books, record, stored, before) }
  storeAddresses(books, record, before, after)
  books.keep(record)
}

/**
 * The ids replace the whole list; columns alone leave it as it is, and those of others are passed over. A new record
 * without ids takes them from the columns.
 */
function linksOf(
  books: Books,
  name: string,
  { entity, columns }: Field,
  before: Attributes | undefined,
  after: Attributes,
): Attributes {
  const given = columnsOf(after[`${name}Columns`])
  const known = columnsOf(before?.[`${name}Columns`])
  const fromColumns = before === undefined && after[`${name}Ids`] === undefined
  const ids = fromColumns
    ? Object.keys(given).filter((id) => find(books, entity, id) !== undefined)
    : [...new Set(idsOf(after[`${name}Ids`]))]
  if (!columns) return { [`${name}Ids`]: ids }
  const kept = ids.map((id) => [id, { ...known[id], ...statusOf(given[id]) }])
  return { [`${name}Ids`]: ids, [`${name}Columns`]: Object.fromEntries(kept) }
}

function statusOf(row: Attributes | undefined): Attributes {
  return row?.status === undefined ? {} : { status: row.status }
}

/** The user whose meeting it is attends it; an all-day meeting has the moments of its days; its account is its parent. */
function meetingOf(books: Books, stored: Attributes, isNew: boolean): Attributes {
  const { assignedUserId, parentType, parentId, dateStartDate, dateEndDate } = stored
  const users = idsOf(stored.usersIds)
  const assigned = assignedUserId ? [String(assignedUserId)] : []
  const self = credentials.espocrm.userId
  const usersIds = [...new Set([...users, ...assigned])]
  const columns = columnsOf(stored.usersColumns)
  return {
    usersIds,
    ...(isNew && usersIds.includes(self) && { usersColumns: { ...columns, [self]: { status: 'Accepted' } } }),
    ...(dateStartDate ? { dateStart: `${dateStartDate} 00:00:00` } : {}),
    ...(dateEndDate
      ? { dateEnd: espoTime(new Date(Date.parse(`${dateEndDate}T00:00:00Z`) + 86_400_000)) }
      : {}),
    accountId:
      parentType === 'Account' ? parentId : (find(books, parentType, parentId)?.attributes.accountId ?? null),
  }
}

/** What EspoCRM alone writes, at its own time: nothing can be backdated. */
function stamps(
  books: Books,
  { entity, number, id, attributes }: CrmRecord,
  { messageId }: Attributes,
  before: Attributes | undefined,
): Attributes {
  const now = espoTime(books.now())
  const { userId } = credentials.espocrm
  const modified = { modifiedAt: now, modifiedById: before ? userId : null }
  const version = Number(attributes.versionNumber ?? 0) + 1
  const versioned = entity === 'Account' || entity === 'Task' ? { versionNumber: version } : {}
  if (before) return { ...modified, ...versioned }
  return {
    createdAt: now,
    createdById: userId,
    ...modified,
    ...versioned,
    ...(entity === 'Email' && { messageId: messageId ?? `dummy:${id}` }),
    ...(entity === 'Note' && { type: 'Post', number }),
  }
}
