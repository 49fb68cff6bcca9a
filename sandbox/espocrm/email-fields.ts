import { parents } from './activities.ts'
import type { Fields } from './field.ts'
import { owned, stamped } from './stamped.ts'

export const email: Fields = {
  name: { type: 'varchar', required: true },
  from: { type: 'varchar', required: true },
  to: { type: 'varchar', required: true },
  cc: { type: 'varchar' },
  bcc: { type: 'varchar' },
  replyTo: { type: 'varchar' },
  body: { type: 'text' },
  bodyPlain: { type: 'text', readOnly: true },
  isHtml: { type: 'bool', default: true },
  status: {
    type: 'enum',
    options: ['Draft', 'Sending', 'Sent', 'Archived', 'Failed'],
    default: 'Archived',
  },
  messageId: { type: 'varchar', maxLength: 255, readOnly: true },
  parent: { type: 'linkParent', entityList: parents },
  dateSent: { type: 'datetime' },
  deliveryDate: { type: 'datetime', readOnly: true },
  sentBy: { type: 'link', entity: 'User', readOnly: true },
  account: { type: 'link', entity: 'Account', readOnly: true },
  replied: { type: 'link', entity: 'Email' },
  ...owned,
  ...stamped,
}

/** What the module with max-comms's own fields adds, where it is installed. */
export const customEmail: Fields = {
  cMessageId: { type: 'varchar', maxLength: 64, isCustom: true },
  cDeliveryStatus: {
    type: 'enum',
    options: ['', 'Sent', 'Delivered', 'Read', 'Clicked', 'Bounced', 'Spam', 'Failed'],
    isCustom: true,
  },
  cDeliveredAt: { type: 'datetime', isCustom: true },
  cOpenedAt: { type: 'datetime', isCustom: true },
  cBounceReason: { type: 'text', isCustom: true },
}
