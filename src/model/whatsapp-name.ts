/**
 * What WhatsApp calls a person who hides the number: a user id of the Business Platform (`FR.1349…`), since 2026, or a
 * `…@lid`. Neither tells the number: https://developers.facebook.com/docs/whatsapp/business-scoped-user-ids
 */
const userId = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/
const lid = /^(\d{1,40})(?::\d{1,4})?@(?:hosted\.)?lid$/

/** A user id as Twilio writes it, without its prefix. */
export function isUserId(name: string): boolean {
  return userId.test(name)
}

/** A name for a person, with the device and the prefix that may stand around it left out; undefined where it is none. */
export function whatsAppName(writing: string): string | undefined {
  const name = writing.trim().replace(/^whatsapp:/i, '')
  if (isUserId(name)) return name
  const person = lid.exec(name)
  return person ? `${person[1]}@lid` : undefined
}
