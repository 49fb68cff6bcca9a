import { keyOfAddress } from './addresses.ts'
import { type Attributes, all, type Books, type CrmRecord } from './books.ts'
import type { EntityName } from './entities.ts'
import { EspoRefusal } from './refusal.ts'
import { shown } from './shown.ts'
import { same } from './text.ts'

/** Throws 409 with the records that have the same name or an email address in common; numbers are not compared. */
export function checkDuplicates(books: Books, entity: EntityName, record: Attributes): void {
  if (entity !== 'Lead' && entity !== 'Contact' && entity !== 'Account') return
  const emails = emailsOf(record)
  const duplicates = all(books, entity).filter(
    (other) =>
      isNamesake(entity, other, record) ||
      other.addresses.emailAddress.some(({ key }) => emails.includes(key)),
  )
  if (duplicates.length === 0) return
  throw new EspoRefusal(
    409,
    'duplicate',
    duplicates.map((duplicate) => shown(books, duplicate)),
  )
}

/** First and last name alike; so two people with one name are duplicates. */
function isNamesake(entity: EntityName, { attributes }: CrmRecord, record: Attributes): boolean {
  if (entity === 'Account') return same(attributes.name, record.name)
  const isNamed = Boolean(record.firstName || record.lastName)
  return isNamed && same(attributes.firstName, record.firstName) && same(attributes.lastName, record.lastName)
}

function emailsOf({ emailAddress, emailAddressData }: Attributes): string[] {
  const rows: unknown[] = Array.isArray(emailAddressData) ? emailAddressData : []
  const listed = rows.map((row) =>
    typeof row === 'object' && row !== null && 'emailAddress' in row ? row.emailAddress : '',
  )
  return [emailAddress, ...listed]
    .filter((address) => typeof address === 'string' && address !== '')
    .map((address) => keyOfAddress('emailAddress', String(address)))
}
