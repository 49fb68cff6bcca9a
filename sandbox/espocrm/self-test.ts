import { credentials } from '../credentials.ts'
import { type Attributes, type Books, find } from './books.ts'
import { type EntityName, entityNames, entityOf, fieldsOf } from './entities.ts'
import { may, mayEditField, mayImport, mayReadField } from './role.ts'
import type { Switches } from './switches.ts'

/** `GET App/user`: who calls and what the role allows; a scope that it forbids is not in the table. */
export function appUser(books: Books): Attributes {
  const { userId, userEmail } = credentials.espocrm
  const { switches } = books
  const user = {
    id: userId,
    ...find(books, 'User', userId)?.attributes,
    isActive: true,
    emailAddress: userEmail,
  }
  const table = Object.fromEntries(
    entityNames.map((entity) => [entity, levelsOf(switches, entity)]).filter(([, levels]) => levels),
  )
  return {
    user: { ...user, emailAddressList: [userEmail], userEmailAddressList: [userEmail] },
    acl: {
      table: { ...table, ...(mayImport(switches) && { Import: true }) },
      fieldTable: fieldTable(switches),
      assignmentPermission: switches.assignment,
    },
    preferences: {},
    token: null,
    settings: { phoneNumberInternational: switches.internationalPhones, recordListMaxSizeLimit: 200 },
    language: 'en_US',
    appParams: {},
  }
}

/** `GET Metadata`, or what stands under a key such as `entityDefs.Email.fields`; null where nothing does. */
export function metadata({ switches }: Books, key: unknown): unknown {
  const readable = entityNames.filter((entity) => may(switches, entity, 'read'))
  const all: unknown = {
    entityDefs: Object.fromEntries(
      readable.map((entity) => [entity, { fields: fieldsOf(entity, switches) }]),
    ),
    scopes: Object.fromEntries(
      readable.map((entity) => [entity, { entity: true, object: true, stream: entityOf(entity).stream }]),
    ),
  }
  if (typeof key !== 'string' || key === '') return all
  return key.split('.').reduce<unknown>((at, name) => inside(at, name), all)
}

function inside(at: unknown, name: string): unknown {
  if (typeof at !== 'object' || at === null) return null
  return new Map(Object.entries(at)).get(name) ?? null
}

function levelsOf(switches: Switches, entity: EntityName): Attributes | undefined {
  const level = (action: 'read' | 'edit' | 'delete' | 'stream') =>
    may(switches, entity, action) ? 'all' : 'no'
  // Notes have no access of their own: what one may see of a parent decides.
  if (entity === 'Note') return undefined
  const levels = {
    create: may(switches, entity, 'create') ? 'yes' : 'no',
    read: level('read'),
    edit: level('edit'),
    delete: level('delete'),
    ...(entityOf(entity).stream && { stream: level('stream') }),
  }
  return Object.values(levels).every((one) => one === 'no') ? undefined : levels
}

function fieldTable(switches: Switches): Attributes {
  const rows = entityNames.map((entity) => {
    const limited = Object.keys(fieldsOf(entity, switches))
      .filter((field) => !mayEditField(switches, entity, field))
      .map((field) => [field, { read: mayReadField(switches, entity, field) ? 'yes' : 'no', edit: 'no' }])
    return [entity, Object.fromEntries(limited)]
  })
  return Object.fromEntries(rows)
}
