import { UnreadableItem } from '#src/model/errors.ts'
import type { Json } from '#src/model/json.ts'
import { tooDeep } from '#src/model/json.ts'

/**
 * What jsonb can hold of a JSON value. It refuses \u0000 and lone surrogates, which JSON allows: they are replaced, and
 * the exact text is kept beside, escaped. Throws UnreadableItem where the value is nested deeper than jsonb takes.
 */
export function storable(value: unknown): { value: Json; exact: string | undefined } {
  if (tooDeep(value)) throw new UnreadableItem('nested too deep to be kept as JSON')
  const text = JSON.stringify(value) ?? 'null'
  if (!unstorable.test(text)) return { value: JSON.parse(text), exact: undefined }
  return { value: JSON.parse(text.replace(unstorables, replacement)), exact: text }
}

// JSON.stringify escapes exactly these characters, and a backslash before them is itself escaped: an odd run of
// backslashes is an escape, an even one is text that merely looks like it.
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/
const unstorables = new RegExp(unstorable.source, 'g')

function replacement(match: string): string {
  return `${match.slice(0, -6)}\\ufffd`
}

/** A text as Postgres can hold it. */
export function clean(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed()
}
