import type { Fields } from './field.ts'
import { owned, stamped } from './stamped.ts'

const salutations = ['', 'Mr.', 'Ms.', 'Mrs.', 'Dr.']

const person: Fields = {
  name: { type: 'personName' },
  salutationName: { type: 'enum', options: salutations },
  firstName: { type: 'varchar', maxLength: 100 },
}

const reachable: Fields = {
  emailAddress: { type: 'email' },
  phoneNumber: {
    type: 'phone',
    typeList: ['Mobile', 'Office', 'Home', 'Fax', 'Other'],
    defaultType: 'Mobile',
  },
  doNotCall: { type: 'bool', default: false },
  description: { type: 'text' },
}

export const lead: Fields = {
  ...person,
  lastName: { type: 'varchar', maxLength: 100 },
  title: { type: 'varchar', maxLength: 100, pattern: '$noBadCharacters' },
  status: {
    type: 'enum',
    options: ['New', 'Assigned', 'In Process', 'Converted', 'Recycled', 'Dead'],
    default: 'New',
  },
  source: {
    type: 'enum',
    options: [
      '',
      'Call',
      'Email',
      'Existing Customer',
      'Partner',
      'Public Relations',
      'Web Site',
      'Campaign',
      'Other',
    ],
  },
  ...reachable,
  accountName: { type: 'varchar', pattern: '$noBadCharacters' },
  convertedAt: { type: 'datetime', readOnly: true },
  ...owned,
  ...stamped,
}

export const contact: Fields = {
  ...person,
  lastName: { type: 'varchar', maxLength: 100, required: true },
  ...reachable,
  account: { type: 'link', entity: 'Account' },
  ...owned,
  ...stamped,
}

export const account: Fields = {
  name: { type: 'varchar', maxLength: 249, required: true, pattern: '$noBadCharacters' },
  emailAddress: { type: 'email' },
  phoneNumber: { type: 'phone', typeList: ['Office', 'Mobile', 'Fax', 'Other'], defaultType: 'Office' },
  type: { type: 'enum', options: ['', 'Customer', 'Investor', 'Partner', 'Reseller'] },
  description: { type: 'text' },
  ...owned,
  ...stamped,
  versionNumber: { type: 'int', readOnly: true },
}
