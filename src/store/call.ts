import { type Attached, attachedText } from '#src/model/attached.ts'
import type { Json, Written } from '#src/model/json.ts'
import { jsonParts } from '#src/model/large-json.ts'
import { databaseHeardMs } from '#src/patience.ts'
import { StoreError } from './database.ts'

/** A value as it goes to the database: as it is, as JSON text, or as that in parts, of which some are long. */
export type InParts = string | number | boolean | null | Attached[]

/**
 * One call of a SQL function with named arguments, its jsonb answer in the column `result`. Objects and arrays become
 * JSON text: left to the driver, an array would become a Postgres array.
 */
export function sqlCall(
  sqlFunction: string,
  args: Record<string, Written>,
): { text: string; values: InParts[] } {
  const names = Object.keys(args).map((name, index) => `${name} => $${index + 1}`)
  const values = Object.values(args).map((value) =>
    typeof value === 'object' && value !== null ? inParts(value) : value,
  )
  return { text: `select ${sqlFunction}(${names.join(', ')}) as result`, values }
}

function inParts(value: Written): InParts {
  const [first = '', ...others] = jsonParts(value)
  return others.length === 0 && typeof first === 'string' ? first : [first, ...others]
}

/** The same for a driver that takes each value in one. */
export function inOne(value: InParts): string | number | boolean | null {
  return Array.isArray(value) ? value.map((part) => attachedText(part)).join('') : value
}

/** A failed call as StoreError, named by its function and stripped of what Postgres quotes of the values. */
export function callFailed(sqlFunction: string, sqlstate: string, message: string): StoreError {
  // Class 22 (data exception) says which value it could not read; the other classes quote only identifiers. The
  // driver's own error is not kept as the cause: its `detail` and `where` hold whole rows.
  const safe = sqlstate.startsWith('22') ? message.replace(/".*"/s, '"…"') : message
  return new StoreError(sqlstate, `${sqlFunction}: ${safe}`)
}

export type Arguments = Record<string, Written | Date | undefined>

/** Arguments as SQL takes them: what is not said is null, a time is ISO 8601. */
export function sqlArguments(args: Arguments): Record<string, Written> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : (value ?? null),
    ]),
  )
}

/** What a function is told that begins something for its caller (end_unheard). */
export const heard = { heard_seconds: databaseHeardMs / 1_000 }

/** Calls a SQL function with named arguments; its jsonb answer is yet to be checked. */
export type Call = (sqlFunction: string, args: Arguments) => Promise<Json>

/** What is taken for the time instead of the database's own; undefined, but for tests: its own. */
export type Moment = () => Date | undefined
