import type { EventReading } from '#src/model/event.ts'
import { e164 } from '#src/model/phone.ts'
import { whatsAppName } from '#src/model/whatsapp-name.ts'

/**
 * The chat of two with this number (E.164) or `…@lid`, as it is to be asked for: https://green-api.com/en/docs/api/chat-id/. WhatsApp
 * gave Brazil's mobiles their ninth digit in the areas 11 to 19, 21, 22, 24, 27 and 28 only; elsewhere a message to the number with it
 * reaches nobody: https://green-api.com/en/docs/faq/features-of-sending-and-receiving-messages-from-different-countries/
 */
export function chatIdOf(person: string): string {
  return chatKeyOf(person).replace(/^(55(?!1|2[12478])[1-9]{2})9(?=[6-9]\d{7}@c\.us$)/, '$1')
}

/** The one spelling of that chat by which what is told of it is known, however it was spelled there. */
export function chatKeyOf(person: string): string {
  if (isLid(person)) return person
  // WhatsApp knows an Argentine number by the 9 of a mobile only.
  return `${person.replace(/^\+/, '').replace(/^54(?=\d{10}$)/, '549')}@c.us`
}

/** E.164 of a chat of two, or its `…@lid`, without the device that wrote; undefined for a group, a status, a channel. */
export function personOf(chatId: string | null | undefined, country: string): string | undefined {
  if (!chatId) return undefined
  return numberIn(chatId, country) ?? (lidLike.test(chatId) ? whatsAppName(chatId) : undefined)
}

/** E.164 where a chat's id tells it. */
export function numberIn(chatId: string, country: string): string | undefined {
  return chatId.includes('@') ? e164(chatId, country) : undefined
}

/** The person a chat is with, by number or by alias: WhatsApp's `…@lid` stands for a number that it does not tell. */
export function personIn(chatId: string, country: string): Pick<EventReading, 'recipient' | 'alias'> {
  const person = personOf(chatId, country) ?? chatId
  return isLid(person) ? { alias: { name: person } } : { recipient: person }
}

const lidLike = /@(?:hosted\.)?lid$/

/** https://green-api.com/en/docs/faq/lid-important-differences/ */
export function isLid(person: string): boolean {
  return /^\d{1,40}@lid$/.test(person)
}
