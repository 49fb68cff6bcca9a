import type { Field, Fields } from './field.ts'
import { owned, stamped } from './stamped.ts'

/** What an email, a meeting or a task may be about; nothing else, not even another of these. */
export const parents = ['Account', 'Lead', 'Contact', 'Opportunity', 'Case']

const assignedUser: Field = { type: 'link', entity: 'User', required: true }
const name: Field = { type: 'varchar', required: true, pattern: '$noBadCharacters' }
const parent: Field = { type: 'linkParent', entityList: parents }
const columns = { status: 'acceptanceStatus' } as const

export const meeting: Fields = {
  name,
  status: { type: 'enum', options: ['Planned', 'Held', 'Not Held'], default: 'Planned' },
  dateStart: { type: 'datetimeOptional', required: true },
  dateEnd: { type: 'datetimeOptional' },
  isAllDay: { type: 'bool', default: false },
  description: { type: 'text' },
  parent,
  account: { type: 'link', entity: 'Account', readOnly: true },
  uid: { type: 'varchar', readOnly: true },
  users: { type: 'linkMultiple', entity: 'User', columns },
  contacts: { type: 'linkMultiple', entity: 'Contact', columns },
  leads: { type: 'linkMultiple', entity: 'Lead', columns },
  ...owned,
  assignedUser,
  ...stamped,
}

export const task: Fields = {
  name,
  status: {
    type: 'enum',
    options: ['Not Started', 'Started', 'Completed', 'Canceled', 'Deferred'],
    default: 'Not Started',
  },
  priority: { type: 'enum', options: ['Low', 'Normal', 'High', 'Urgent'], default: 'Normal' },
  dateStart: { type: 'datetimeOptional' },
  dateEnd: { type: 'datetimeOptional' },
  dateCompleted: { type: 'datetime', readOnly: true },
  description: { type: 'text' },
  parent,
  account: { type: 'link', entity: 'Account', readOnly: true },
  contact: { type: 'link', entity: 'Contact', readOnly: true },
  ...owned,
  assignedUser,
  ...stamped,
  versionNumber: { type: 'int', readOnly: true },
}

export const note: Fields = {
  post: { type: 'text' },
  type: { type: 'enum', options: ['Post'], default: 'Post', readOnly: true },
  targetType: {
    type: 'enum',
    options: ['self', 'all', 'teams', 'users', 'portals'],
    readOnlyAfterCreate: true,
  },
  parent: { type: 'linkParent', readOnlyAfterCreate: true },
  isInternal: { type: 'bool', default: false, readOnlyAfterCreate: true },
  number: { type: 'int', readOnly: true },
  ...stamped,
}
