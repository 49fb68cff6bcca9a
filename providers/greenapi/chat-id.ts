import type { EventReading } from '#src/model/event.ts'
import { e164 } from '#src/model/phone.ts'

/** The chat of two with this number (E.164): https://green-api.com/en/docs/api/chat-id/ */
export function chatIdOf(number: string): string {
  return `${number.replace(/^\+/, '')}@c.us`
}

/** E.164 of a personal chat; `…@lid` and groups as they are, since nothing tells their number. */
export function addressIn(chatId: string, country: string): string {
  return e164(chatId, country) ?? chatId
}

/** The person a chat is with, by number or by alias: WhatsApp's `…@lid` stands for a number that it does not tell. */
export function personIn(chatId: string, country: string): Pick<EventReading, 'recipient' | 'alias'> {
  return isLid(chatId) ? { alias: { name: chatId } } : { recipient: addressIn(chatId, country) }
}

/** https://green-api.com/en/docs/faq/lid-important-differences/ */
export function isLid(chatId: string): boolean {
  return /^\d{1,40}@lid$/.test(chatId)
}
