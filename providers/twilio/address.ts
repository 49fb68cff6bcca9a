import type { EventReading } from '#src/model/event.ts'
import type { Channel } from '#src/model/message.ts'
import { isUserId } from '#src/model/whatsapp-name.ts'

/** What a form says, by the names of its fields. */
type Fields = ReadonlyMap<string, string>

/**
 * No prefix is SMS, and so is RCS, by which a Messaging Service sends one where it can, without our asking
 * (https://www.twilio.com/docs/rcs). Any other (messenger:) is not a channel of ours.
 */
export function carriedBy(fields: Fields): Pick<EventReading, 'channel' | 'via'> {
  const prefix = prefixOf(fields.get('To')) ?? prefixOf(fields.get('From')) ?? fields.get('ChannelPrefix')
  if (prefix === undefined) return { channel: 'sms' }
  if (prefix === 'whatsapp') return { channel: 'whatsapp' }
  const channel: Channel | undefined = prefix === 'rcs' ? 'sms' : undefined
  return { channel, via: prefix }
}

function prefixOf(value: string | undefined): string | undefined {
  return /^([a-z][a-z0-9_-]*):/i.exec(value ?? '')?.[1]?.toLowerCase()
}

/** Without the prefix of its channel; of a channel that is not ours it is a part of the name. */
export function addressIn(value: string | undefined): string | undefined {
  return value?.replace(/^(?:whatsapp|rcs):/i, '')
}

/**
 * The person whom `end` of the form names. One who hides the number has a user id there instead; while the number is still
 * told, ExternalUserId (and WaId) stand beside it: that is when we learn whose id it is (dimagi/open-chat-studio#3322). The id
 * of several accounts of one company (ParentExternalUserId) is learnt where it stands alone: an event learns one name.
 */
export function personIn(end: 'From' | 'To', fields: Fields): Pick<EventReading, 'recipient' | 'alias'> {
  const named = addressIn(fields.get(end))
  const others = ['ExternalUserId', 'ParentExternalUserId'].map((name) => addressIn(fields.get(name)))
  const id = [named, ...others].find((one) => one && isUserId(one))
  if (id === undefined) return { recipient: named }
  const waId = fields.get('WaId') ?? ''
  const number = named === id ? (/^\d{6,15}$/.test(waId) ? `+${waId}` : undefined) : named
  return { recipient: number, alias: { name: id, address: number } }
}
