import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js'

/** Direction and zero-width marks that phones copy along with a contact's number. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
const chatId = /^(\d{6,15})@(?:c\.us|s\.whatsapp\.net)$/
/** Digits with the separators people use, typographic hyphens included; a plus only in front. */
const usual = /^\(?\+?[\d\s().\-/\u2010-\u2015]+$/

/**
 * A phone number in any usual writing (E.164, national, `00…`, `tel:…`, `whatsapp:+…`, `…@c.us`) as E.164, or
 * undefined where it is none. `country` is the one that a national writing means (DEFAULT_COUNTRY).
 */
export function e164(writing: string, country: string): string | undefined {
  if (writing.length > 60) return undefined
  // Word processors separate groups with a narrow no-break space, which the library does not take for a space.
  const text = writing.replace(invisible, '').replace(/\s/g, ' ').trim()
  const chat = chatId.exec(text)
  const plain = chat ? `+${chat[1]}` : text.replace(/^(?:whatsapp|tel):\s*/i, '').replace(/^00/, '+')
  if (!usual.test(plain)) return undefined
  const home = country.toUpperCase()
  const parsed = parsePhoneNumberFromString(
    withoutMexicanOne(plain),
    isSupportedCountry(home) ? home : undefined,
  )
  return parsed?.isPossible() ? parsed.number : undefined
}

/** WhatsApp still writes Mexican mobiles as 52 1 …; the 1 was abolished in 2019 and is not part of the E.164 form. */
function withoutMexicanOne(plain: string): string {
  return plain.replace(/^\+521(?=\d{10}$)/, '+52')
}
