import type { EventType } from '#src/model/event.ts'

/** What Green-API's status of a message means, and why where it failed. */
export interface StatusMeaning {
  type: EventType
  reason?: string
}

/** https://green-api.com/en/docs/api/receiving/notifications-format/outgoing-message/OutgoingMessageStatus/ */
export const statuses: ReadonlyMap<string, StatusMeaning> = new Map<string, StatusMeaning>([
  ['sent', { type: 'sent' }],
  ['delivered', { type: 'delivered' }],
  ['read', { type: 'read' }],
  ['failed', { type: 'failed', reason: 'WhatsApp did not take the message' }],
  ['noAccount', { type: 'failed', reason: 'the recipient has no WhatsApp account' }],
  ['notInGroup', { type: 'failed', reason: 'the instance is not a member of the group' }],
  ['yellowCard', { type: 'failed', reason: 'WhatsApp restricts the instance (yellow card)' }],
  // The new name of yellowCard since 5.44.37.12: https://green-api.com/en/docs/release/5.44.37.12/
  ['suspended', { type: 'failed', reason: 'WhatsApp restricts the instance (suspended)' }],
])
