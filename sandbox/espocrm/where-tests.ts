import { badRequest } from './refusal.ts'
import { compared, like, same } from './text.ts'
import { espoTime } from './time.ts'

/** Whether one value of a record is what a search wants. */
type Test = (value: unknown, wanted: unknown) => boolean

const after: Test = (value, wanted) => value !== null && compared(value, wanted) > 0
const before: Test = (value, wanted) => value !== null && compared(value, wanted) < 0
const equals: Test = (value, wanted) => {
  if (Array.isArray(wanted)) return wanted.some((one: unknown) => equals(value, one))
  return typeof value === 'boolean' ? value === Boolean(wanted) : same(value, wanted)
}

const tests = new Map<string, Test>([
  ['equals', equals],
  ['on', equals],
  ['in', equals],
  ['like', (value, wanted) => like(value, String(wanted))],
  ['contains', (value, wanted) => like(value, `%${wanted}%`)],
  ['startsWith', (value, wanted) => like(value, `${wanted}%`)],
  ['endsWith', (value, wanted) => like(value, `%${wanted}`)],
  ['greaterThan', after],
  ['after', after],
  ['lessThan', before],
  ['before', before],
  ['greaterThanOrEquals', (value, wanted) => value !== null && compared(value, wanted) >= 0],
  ['lessThanOrEquals', (value, wanted) => value !== null && compared(value, wanted) <= 0],
  ['isNull', (value) => value === null],
  ['isNotNull', (value) => value !== null],
  ['isTrue', (value) => value === true],
  ['isFalse', (value) => value !== true],
])

const negations = new Map([
  ['notEquals', 'equals'],
  ['notOn', 'equals'],
  ['notIn', 'in'],
  ['notLike', 'like'],
  ['notContains', 'contains'],
])

/** The test of a where item over all values of an attribute. Throws 400 for a type or a value that does not exist. */
export function testOf(type: string, wanted: unknown, now: Date): (values: readonly unknown[]) => boolean {
  if ((type === 'in' || type === 'notIn') && !Array.isArray(wanted))
    throw badRequest(`Bad where item '${type}'.`)
  if (type === 'between') return between(wanted)
  if (type === 'past' || type === 'future' || type === 'today') return aroundNow(type, espoTime(now))
  const negated = negations.get(type)
  const test = tests.get(negated ?? type)
  if (test === undefined) throw badRequest(`Unknown where item type '${type}'.`)
  // As SQL has it: what is null is neither equal nor unequal.
  return negated
    ? (values) => values.every((value) => value !== null && !test(value, wanted))
    : (values) => values.some((value) => test(value, wanted))
}

function between(wanted: unknown): (values: readonly unknown[]) => boolean {
  if (!Array.isArray(wanted) || wanted.length < 2) throw badRequest("Bad where item 'between'.")
  const [from, to]: unknown[] = wanted
  return (values) =>
    values.some((value) => value !== null && compared(value, from) >= 0 && compared(value, to) <= 0)
}

function aroundNow(type: string, now: string): (values: readonly unknown[]) => boolean {
  return (values) =>
    values.some((value) => {
      if (value === null) return false
      if (type === 'today') return String(value).startsWith(now.slice(0, 10))
      return type === 'future' ? compared(value, now) > 0 : compared(value, now) < 0
    })
}
