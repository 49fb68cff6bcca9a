import type { Attributes } from './books.ts'
import { type EntityName, fieldsOf } from './entities.ts'
import { type Field, settable } from './field.ts'
import { EspoRefusal } from './refusal.ts'
import { mayEditField } from './role.ts'
import type { Switches } from './switches.ts'
import { storedTime } from './time.ts'

/**
 * What EspoCRM takes of a body: unknown attributes, names of links, `readOnly` fields and those that the role may not
 * edit are dropped without a word. What is left is written as it will be stored.
 */
export function given(switches: Switches, entity: EntityName, body: Attributes, isNew: boolean): Attributes {
  const input = entity === 'Email' ? withSubject(body) : body
  const taken: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fieldsOf(entity, switches)))
    if (isOpen(field, isNew) && mayEditField(switches, entity, name))
      for (const attribute of settable(name, field))
        if (input[attribute] !== undefined)
          taken[attribute] = stored(switches, field, attribute, input[attribute], attribute === name)
  return taken
}

/** `subject` is another word for an email's `name`. */
function withSubject({ subject, ...body }: Attributes): Attributes {
  return subject === undefined ? body : { name: subject, ...body }
}

function isOpen({ readOnly, readOnlyAfterCreate }: Field, isNew: boolean): boolean {
  return !readOnly && (isNew || !readOnlyAfterCreate)
}

function stored(
  switches: Switches,
  { type }: Field,
  attribute: string,
  value: unknown,
  isMain: boolean,
): unknown {
  if (value === null) return null
  if (type === 'bool' || /Is(OptedOut|Invalid)$/.test(attribute)) return Boolean(value)
  if (type === 'phone' && !isMain) return phoneList(switches, value)
  if ((type === 'email' && !isMain) || type === 'linkMultiple') return value
  if (type === 'datetime' || (type === 'datetimeOptional' && isMain)) return storedTime(value)
  // PHP fails where a string is wanted and an array or an object comes.
  if (typeof value === 'object') throw new EspoRefusal(500, '')
  if (type === 'phone') return storedPhone(switches, value)
  if (type === 'varchar' || type === 'email') return String(value).trim()
  return value === '' && (type === 'text' || type === 'enum') ? null : String(value)
}

function phoneList(switches: Switches, list: unknown): unknown {
  if (!Array.isArray(list)) return list
  return list.map((row: unknown) => {
    if (typeof row !== 'object' || row === null || !('phoneNumber' in row)) return row
    return { ...row, phoneNumber: storedPhone(switches, row.phoneNumber) }
  })
}

/** In international mode what begins with a plus becomes E.164. */
function storedPhone({ internationalPhones }: Switches, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const trimmed = value.trim()
  if (!internationalPhones || !trimmed.startsWith('+')) return trimmed
  return `+${trimmed.replace('(0)', '').replaceAll(/\D/g, '')}`
}
