import type { EventReading } from '#src/model/event.ts'
import { e164 } from '#src/model/phone.ts'
import { whatsAppName } from '#src/model/whatsapp-name.ts'

/** The chat of two with this number (E.164) or `…@lid`: https://green-api.com/en/docs/api/chat-id/ */
export function chatIdOf(person: string): string {
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
