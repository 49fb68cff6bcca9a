import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js'

/**
 * A phone number in any usual writing (E.164, national, `00…`, `whatsapp:+…`, `…@c.us`) as E.164, or undefined
 * where it is none. `country` is the one that a national writing means (DEFAULT_COUNTRY).
 */
export function e164(writing: string, country: string): string | undefined {
  const chat = /^(\d{6,15})@(?:c\.us|s\.whatsapp\.net)$/.exec(writing.trim())
  const plain = chat ? `+${chat[1]}` : writing.trim().replace(/^whatsapp:/i, '').replace(/^00/, '+')
  if (plain.length > 40 || !/^[+\d\s().\-/\u00a0\u202f]+$/.test(plain)) return undefined
  const parsed = parsePhoneNumberFromString(plain, isSupportedCountry(country) ? (country as CountryCode) : undefined)
  return parsed?.isPossible() ? parsed.number : undefined
}
