import { addressProblem } from './address-problem.ts'
import { isEmailAddress } from './address-text.ts'
import type { Attributes } from './books.ts'
import { type EntityName, entityNames, fieldsOf } from './entities.ts'
import { type Field, settable } from './field.ts'
import { invalid } from './refusal.ts'
import type { Switches } from './switches.ts'
import { isDate, isTime } from './time.ts'

const longestVarchar = 255
const idPattern = /^[A-Za-z0-9_=\-.]+$/

/** What is wrong with one field, by EspoCRM's name for the check; undefined: nothing. */
type Check = (name: string, field: Field, record: Attributes) => string | undefined

/** Throws 400 about the first field that does not hold what it may. Of a change only the fields in it are looked at. */
export function validate(
  switches: Switches,
  entity: EntityName,
  record: Attributes,
  changes: Attributes | undefined,
): void {
  for (const [name, field] of Object.entries(fieldsOf(entity, switches))) {
    const touched = settable(name, field).some((attribute) => changes && attribute in changes)
    if (changes && !touched) continue
    const problem =
      missing(entity, name, field, record) ??
      checks[field.type](name, field, record) ??
      addressProblem(switches, name, field, record)
    if (problem !== undefined) throw invalid(entity, name, problem)
  }
  if (entity === 'Email') validateRecipients(record)
}

function missing(entity: EntityName, name: string, field: Field, record: Attributes): string | undefined {
  if (!field.required || (entity === 'Email' && name === 'to' && record.status === 'Draft')) return undefined
  const there = settable(name, field).some((attribute) => !isEmpty(record[attribute]))
  return there ? undefined : 'required'
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

const nothing: Check = () => undefined

const text: Check = (name, { type, maxLength, pattern }, record) => {
  const value = String(record[name] ?? '')
  const longest = maxLength ?? (type === 'varchar' ? longestVarchar : Infinity)
  if ([...value].length > longest) return 'maxLength'
  return pattern && value !== '' && /[<>=]/.test(value) ? 'pattern' : undefined
}

const time: Check = (name, _field, record) => {
  const [moment, day] = [record[name] ?? null, record[`${name}Date`] ?? null]
  return (moment === null || isTime(moment)) && (day === null || isDate(day)) ? undefined : 'valid'
}

const link: Check = (name, _field, record) => {
  const id = record[`${name}Id`] ?? null
  return id === null || idPattern.test(String(id)) ? undefined : 'pattern'
}

const checks: Record<Field['type'], Check> = {
  varchar: text,
  text,
  enum: (name, { options = [] }, record) => {
    const value = record[name] ?? ''
    const optional = options.includes('') || record[name] === undefined
    return (value === '' && optional) || options.some((option) => option === value) ? undefined : 'valid'
  },
  bool: nothing,
  int: nothing,
  personName: nothing,
  phone: nothing,
  email: nothing,
  datetime: time,
  datetimeOptional: time,
  link,
  linkParent: (name, field, record) => {
    const type = record[`${name}Type`] ?? null
    const known: readonly unknown[] = field.entityList ?? entityNames
    return link(name, field, record) ?? (type === null || known.includes(type) ? undefined : 'valid')
  },
  linkMultiple: (name, { columns }, record) => {
    const ids: unknown = record[`${name}Ids`] ?? []
    const areIds = Array.isArray(ids) && ids.every((id) => typeof id === 'string' && idPattern.test(id))
    if (!areIds) return 'pattern'
    return !columns || areColumns(record[`${name}Columns`] ?? {}) ? undefined : 'columnsValid'
  },
}

/** Acceptances are texts; their spelling is checked nowhere. */
function areColumns(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((row: unknown) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return false
    return !('status' in row) || row.status === null || typeof row.status === 'string'
  })
}

function validateRecipients(record: Attributes): void {
  for (const field of ['to', 'cc', 'bcc']) {
    const addresses = String(record[field] ?? '')
      .split(';')
      .map((address) => address.trim())
      .filter(Boolean)
    if (!addresses.every(isEmailAddress)) throw invalid('Email', field, 'valid')
  }
}
