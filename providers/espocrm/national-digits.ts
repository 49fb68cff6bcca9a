import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { e164 } from '#src/model/phone.ts'

/**
 * The digits of a number as people write it at home: `0612345678` for +33612345678 where the country is FR. Undefined where
 * they mean another number there, or none.
 */
export function nationalDigits(phone: string, country: string): string | undefined {
  const national = parsePhoneNumberFromString(phone)?.formatNational()
  return national !== undefined && e164(national, country) === phone ? national.replace(/\D/g, '') : undefined
}
