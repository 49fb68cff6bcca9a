import examples from 'libphonenumber-js/examples.mobile'
import {
  type CountryCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { numberNow } from './number-plans.ts'

/** Direction and zero-width marks that phones copy along with a contact's number. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
/** With the device that wrote, as some versions tell it: `33612345678:7@c.us`, `33612345678.0:3@s.whatsapp.net`. */
const chatId = /^(\d{6,15})(?:\.\d{1,3})?(?::\d{1,4})?@(?:c\.us|s\.whatsapp\.net|hosted)$/
/** Digits with the separators people use, typographic hyphens included; a plus only in front. */
const usual = /^\(?\+?[\d\s().\-/\u2010-\u2015]+$/
/** An extension behind the number: nobody can be written to at one, but the number is the person's. */
const extension = /(?<=\d)[\s,;]*(?:poste|post|extension|ext|x|#)[\s.:]*\d{1,6}$/i
/** Those who dial 0692 …, 0590 … and 06 … alike. */
const french = new Set(['FR', 'GP', 'BL', 'MF', 'MQ', 'GF', 'RE', 'YT'])

/**
 * A phone number in any usual writing (E.164, national, `00…`, `tel:…`, `whatsapp:+…`, `…@c.us`) as E.164, or undefined
 * where it is none. `country` is the one that a national writing means (DEFAULT_COUNTRY). An international number may be
 * of a range that we do not know: a provider tells none that does not exist.
 */
export function e164(writing: string, country: string): string | undefined {
  const read = reading(writing, country)
  if (read === undefined) return undefined
  return (read.international ? read.parsed.isPossible() : isComplete(read.parsed))
    ? read.parsed.number
    : undefined
}

/** The same of what a person typed: a number with a digit missing, or one too many, is none. */
export function completeNumber(writing: string, country: string): string | undefined {
  const read = reading(writing, country)
  return read && isComplete(read.parsed) ? read.parsed.number : undefined
}

/** How many digits are written, without those of an extension; undefined where it has no likeness to a phone number. */
export function digitsWritten(writing: string): number | undefined {
  const plain = plainly(writing)
  const digits = plain?.replace(/\D/g, '').length
  return digits ? digits : undefined
}

function reading(
  writing: string,
  country: string,
): { parsed: PhoneNumber; international: boolean } | undefined {
  const plain = plainly(writing)
  if (plain === undefined) return undefined
  const parsed = parsePhoneNumberFromString(plain, homeOf(country))
  const now = parsed && numberNow(parsed.number)
  const number = now === undefined || now === parsed?.number ? parsed : parsePhoneNumberFromString(now)
  return number && { parsed: number, international: plain.includes('+') }
}

function plainly(writing: string): string | undefined {
  if (writing.length > 60) return undefined
  // Word processors separate groups with a narrow no-break space, which the library does not take for a space.
  const text = writing.replace(invisible, '').replace(/\s/g, ' ').trim()
  const chat = chatId.exec(text)
  const plain = chat ? `+${chat[1]}` : text.replace(/^(?:whatsapp|tel|rcs):\s*/i, '').replace(extension, '')
  return usual.test(plain) ? plain.replace(/^00/, '+') : undefined
}

function homeOf(country: string): CountryCode | undefined {
  const home = country.toUpperCase()
  if (french.has(home)) return 'FR'
  return isSupportedCountry(home) ? home : undefined
}

/**
 * Valid by its country's plan; or, since new ranges are opened every year, as long as a mobile of that country: then no digit
 * is missing.
 */
function isComplete(parsed: PhoneNumber): boolean {
  if (parsed.isValid()) return true
  if (!parsed.isPossible() || parsed.nationalNumber.startsWith('0')) return false
  const countries = parsed.country ? [parsed.country] : parsed.getPossibleCountries()
  return countries.some((country) => examples[country]?.length === parsed.nationalNumber.length)
}
