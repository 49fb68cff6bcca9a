import { isEmailAddress, isPhoneNumber } from './address-text.ts'
import type { Attributes } from './books.ts'
import type { Field } from './field.ts'
import type { Switches } from './switches.ts'

const longest = { phone: 36, email: 255 }
const most = 10

/** What is wrong with a record's numbers or email addresses, by EspoCRM's name for the check; undefined: nothing. */
export function addressProblem(
  switches: Switches,
  name: string,
  field: Field,
  record: Attributes,
): string | undefined {
  if (field.type !== 'phone' && field.type !== 'email') return undefined
  const rows: unknown = record[`${name}Data`] ?? []
  const wrong = field.type === 'phone' ? 'valid' : 'emailAddress'
  if (!Array.isArray(rows) || !rows.every(isRow)) return wrong
  const isRight = (text: string) =>
    field.type === 'phone' ? isPhoneNumber(text, switches.internationalPhones) : isEmailAddress(text)
  const single = record[name] ?? ''
  const texts = [...(single === '' ? [] : [single]), ...rows.map((row) => row[name])].map((text) =>
    String(text ?? ''),
  )
  const isTyped = rows.every(
    ({ type = null }) => type === null || field.typeList?.some((one) => one === type),
  )
  // A row without an address is passed over, one without a number is not.
  const told = field.type === 'email' ? texts.filter((text) => text !== '') : texts
  if (!told.every(isRight) || (field.type === 'phone' && !isTyped)) return wrong
  const length = longest[field.type]
  if (texts.some((text) => text.length > length)) return 'maxLength'
  return rows.length > most ? 'maxCount' : undefined
}

function isRow(row: unknown): row is Attributes {
  return typeof row === 'object' && row !== null && !Array.isArray(row)
}
