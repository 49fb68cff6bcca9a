import type { Fields } from './field.ts'

/** The user whose record it is. */
export const owned: Fields = {
  assignedUser: { type: 'link', entity: 'User' },
  teams: { type: 'linkMultiple', entity: 'Team' },
}

/** What EspoCRM alone writes into each record. */
export const stamped: Fields = {
  createdAt: { type: 'datetime', readOnly: true },
  modifiedAt: { type: 'datetime', readOnly: true },
  createdBy: { type: 'link', entity: 'User', readOnly: true },
  modifiedBy: { type: 'link', entity: 'User', readOnly: true },
}
