import { randomUUID } from 'node:crypto'
import { type Attached, attachedText, base64At, isBase64, unescaped } from './attached.ts'

/** Shorter strings are read and written with the rest. No metadata is as long. */
const longCharacters = 16 * 1024

const name = Buffer.from('"content"')
const [quote, colon, space] = [0x22, 0x3a, 0x20]

/** A JSON text taken apart: what is left of it, in which a mark stands for each long `content` in base64. */
export interface TakenApart {
  rest: Buffer
  /** The value of the whole, from the rest's. */
  filled(value: unknown): unknown
}

/**
 * Takes what is attached out of a JSON text before it is parsed: it stays the bytes that came, which are neither parsed nor
 * copied. To make one text of 24 MB of them holds everybody up for 100 ms.
 */
export async function takenApart(bytes: Buffer): Promise<TakenApart> {
  const marks = createMarks()
  const left: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(name); at >= 0; ) {
    const start = valueAfter(bytes, at + name.length)
    const found = start === undefined ? undefined : await base64At(bytes, start)
    if (start !== undefined && found && found.end - start > longCharacters) {
      const content = found.escapes
        ? await unescaped(bytes, start, found.end)
        : bytes.subarray(start, found.end)
      left.push(bytes.subarray(from, start), Buffer.from(marks.of(content)))
      from = found.end
    }
    at = bytes.indexOf(name, found?.end ?? at + name.length)
  }
  return { rest: Buffer.concat([...left, bytes.subarray(from)]), filled: marks.filled }
}

/** Where a string begins, behind its quote, that stands after a key; undefined: something else does. */
function valueAfter(bytes: Buffer, end: number): number | undefined {
  const afterKey = afterSpace(bytes, end)
  if (bytes[afterKey] !== colon) return undefined
  const start = afterSpace(bytes, afterKey + 1)
  return bytes[start] === quote ? start + 1 : undefined
}

function afterSpace(bytes: Buffer, at: number): number {
  let after = at
  while ((bytes[after] ?? quote) <= space) after += 1
  return after
}

/** A JSON text as JSON.stringify writes it, in parts: what is attached stands between two others as it is. */
export function jsonParts(value: unknown): Attached[] {
  if (!hasLong(value)) return [JSON.stringify(value)]
  const marks = createMarks()
  return marks.parts(JSON.stringify(marks.marked(value)))
}

/** The same in one. */
export function jsonText(value: unknown): string {
  return jsonParts(value)
    .map((part) => attachedText(part))
    .join('')
}

/** Nearly nothing has any: so it is asked first, and at little cost. */
function hasLong(value: unknown): boolean {
  if (typeof value === 'string') return value.length > longCharacters
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Uint8Array || Object.values(value).some(hasLong)
}

function createMarks() {
  const name = randomUUID()
  const long: Attached[] = []
  const of = (content: Attached) => `${name} ${long.push(content) - 1}`
  const meant = (mark: string) => long[Number(mark.slice(name.length))] ?? mark
  const isLong = (content: Attached) =>
    typeof content !== 'string' || (content.length > longCharacters && isBase64(content))
  return {
    of,
    /** The same with marks for what is attached and long strings of base64; the same object where it has none. */
    marked: (value: unknown) => withOthers(value, (content) => (isLong(content) ? of(content) : content)),
    filled: (value: unknown) =>
      withOthers(value, (text) => (typeof text === 'string' && text.startsWith(name) ? meant(text) : text)),
    parts(text: string): Attached[] {
      const [first = '', ...others] = text.split(name)
      return [
        first,
        ...others.flatMap((other) => {
          const end = other.indexOf('"')
          return [meant(name + other.slice(0, end)), other.slice(end)]
        }),
      ]
    },
  }
}

/** A value of JSON with other texts, its keys as they are; what changes nothing is the same object. */
export function withOthers(value: unknown, other: (content: Attached) => unknown): unknown {
  if (typeof value === 'string' || value instanceof Uint8Array) return other(value)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => withOthers(item, other))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  let copy: Record<string, unknown> | undefined
  for (const [key, field] of Object.entries(value)) {
    const changed = withOthers(field, other)
    if (changed === field) continue
    copy ??= { ...value }
    copy[key] = changed
  }
  return copy ?? value
}
