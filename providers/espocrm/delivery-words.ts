import type { Delivery } from '#src/contract/crm.ts'

/** The options of `cDeliveryStatus`, as `metadata` installs them. */
export const deliveryWords: Readonly<Record<Delivery, string>> = {
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  clicked: 'Clicked',
  bounced: 'Bounced',
  complained: 'Spam',
  failed: 'Failed',
}
