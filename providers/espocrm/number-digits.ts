import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { formerWritings, personNumber } from '#src/model/number-plans.ts'
import { e164 } from '#src/model/phone.ts'

/**
 * What the digits begin with of a number as people have typed it over the years, where EspoCRM kept it so: `0612345678`,
 * `+33 (0)6…`, `0033 6…`, without the 0 that a spreadsheet took, and each with an extension. They may also be another
 * number's: what is found is to be read (isNumber).
 */
export function typedDigits(phone: string, country: string): string[] {
  const typed = [phone, ...formerWritings(phone)].flatMap((writing) => {
    const parsed = parsePhoneNumberFromString(writing)
    const code = parsed?.countryCallingCode ?? ''
    const bare = writing.slice(1 + code.length)
    const national = parsed?.formatNational().replace(/\D/g, '') ?? bare
    const atHome = [national, bare].filter((digits) => isNumber(digits, phone, country))
    return [`${code}${bare}`, `00${code}${bare}`, `${code}${national}`, `00${code}${national}`, ...atHome]
  })
  return [...new Set(typed)]
}

/** Whether what is written in the CRM is this number. */
export function isNumber(writing: string, phone: string, country: string): boolean {
  // As it is; without the words beside it (`06 … (bureau)`); and with the plus that it may lack.
  const bare = writing.replace(/[^\d+().\s/-]+/g, ' ').replace(/\(\s*\)/g, ' ')
  const numbers = [e164(writing, country), e164(bare, country), `+${writing.replace(/\D/g, '')}`]
  return numbers.some((one) => one !== undefined && personNumber(one) === personNumber(phone))
}
