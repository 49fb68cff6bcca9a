import { meeting, note, task } from './activities.ts'
import { customEmail, email } from './email-fields.ts'
import type { Fields } from './field.ts'
import { account, contact, lead } from './people.ts'
import { stamped } from './stamped.ts'
import type { Switches } from './switches.ts'

export const entityNames = [
  'Lead',
  'Contact',
  'Account',
  'Email',
  'Meeting',
  'Note',
  'Task',
  'User',
  'Team',
] as const
export type EntityName = (typeof entityNames)[number]

interface Entity {
  fields: Fields
  /** Whether records of it have a stream. */
  stream: boolean
  /** In which order it is listed where a search names none. */
  orderBy: string
  order: 'asc' | 'desc'
}

const created = { orderBy: 'createdAt', order: 'desc' } as const
const named = { orderBy: 'name', order: 'asc', stream: false } as const

const entities: Record<EntityName, Entity> = {
  Lead: { fields: lead, stream: true, ...created },
  Contact: { fields: contact, stream: true, ...created },
  Account: { fields: account, stream: true, ...created },
  Email: { fields: email, stream: false, orderBy: 'dateSent', order: 'desc' },
  Meeting: { fields: meeting, stream: true, orderBy: 'dateStart', order: 'desc' },
  Note: { fields: note, stream: false, orderBy: 'number', order: 'desc' },
  Task: { fields: task, stream: true, ...created },
  User: {
    fields: {
      userName: { type: 'varchar' },
      name: { type: 'varchar' },
      type: { type: 'varchar' },
      ...stamped,
    },
    ...named,
  },
  Team: { fields: { name: { type: 'varchar' }, ...stamped }, ...named },
}

export function isEntity(name: unknown): name is EntityName {
  return entityNames.some((entity) => entity === name)
}

export function entityOf(name: EntityName): Entity {
  return entities[name]
}

/** The fields that records of this entity have now, the custom ones among them where they are installed. */
export function fieldsOf(name: EntityName, switches: Switches): Fields {
  const { fields } = entities[name]
  return name === 'Email' && switches.fields === 'installed' ? { ...fields, ...customEmail } : fields
}

/** What a new record holds where nothing is said. */
export function defaultsOf(name: EntityName, switches: Switches): Readonly<Record<string, unknown>> {
  const defaults = Object.entries(fieldsOf(name, switches)).map(([field, one]) => [field, one.default])
  return Object.fromEntries(defaults.filter(([, value]) => value !== undefined))
}
