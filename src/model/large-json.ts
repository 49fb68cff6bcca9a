import { randomUUID } from 'node:crypto'

/** Shorter strings are read and written with the rest. */
const longCharacters = 64 * 1024
/** Quotes that are looked at to find long strings: beyond that there is more text than attachments. */
const mostQuotes = 20_000

const [quote, backslash, colon, space] = [0x22, 0x5c, 0x3a, 0x20]

/** Characters that are looked at together: their bytes fit into what is at hand. */
const pieceCharacters = 64 * 1024
const piece = Buffer.allocUnsafeSlow((pieceCharacters / 4) * 3)

/** Whether a text is base64 in one piece, padded. Told by its decoder, which skips what is none: ten times as fast as a pattern. */
export function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const firstPadding = text.indexOf('=')
  if (firstPadding >= 0 && firstPadding < text.length - padding) return false
  if (text.includes('-') || text.includes('_')) return false
  let bytes = 0
  for (let at = 0; at < text.length; at += pieceCharacters)
    bytes += piece.write(text.slice(at, at + pieceCharacters), 'base64')
  return bytes === (text.length / 4) * 3 - padding
}

/** A JSON text taken apart: what is left of it, in which a mark stands for each long string of base64. */
export interface TakenApart {
  rest: string
  /** The value of the whole, from the rest's. */
  filled(value: unknown): unknown
}

/**
 * Takes what is attached out of a JSON text before it is parsed: to parse 24 MB of base64 holds everybody up for 100 ms and more,
 * to find it some milliseconds.
 */
export function takenApart(bytes: Buffer): TakenApart {
  const marks = createMarks()
  const pieces: string[] = []
  let from = 0
  for (const [start, end] of longStrings(bytes)) {
    const written = bytes.toString('latin1', start + 1, end)
    const text = written.includes('\\') ? unescaped(written) : written
    if (!isBase64(text)) continue
    pieces.push(bytes.toString('utf8', from, start + 1), marks.of(text))
    from = end
  }
  pieces.push(bytes.toString('utf8', from))
  return { rest: pieces.join(''), filled: marks.filled }
}

/** Base64 as PHP writes it, and in lines, as mail programs do. What is none is not looked at as such, and stays as it is. */
function unescaped(written: string): string {
  const [lineEnd] = /\\r\\n|\\n/.exec(written.slice(0, 200)) ?? []
  const whole = lineEnd === undefined ? written : written.replaceAll(lineEnd, '')
  return whole.replaceAll('\\/', '/')
}

/** Where long strings begin and end, those that are no keys. */
function longStrings(bytes: Buffer): [number, number][] {
  const found: [number, number][] = []
  let quotes = 0
  let start = bytes.indexOf(quote)
  while (start >= 0) {
    let end = bytes.indexOf(quote, start + 1)
    while (end >= 0 && escaped(bytes, end)) {
      if (++quotes > mostQuotes) return found
      end = bytes.indexOf(quote, end + 1)
    }
    if (end < 0 || ++quotes > mostQuotes) return found
    if (end - start > longCharacters && !isKey(bytes, end)) found.push([start, end])
    start = bytes.indexOf(quote, end + 1)
  }
  return found
}

function isKey(bytes: Buffer, end: number): boolean {
  let after = end + 1
  while ((bytes[after] ?? colon) <= space) after += 1
  return bytes[after] === colon
}

function escaped(bytes: Buffer, at: number): boolean {
  let before = at - 1
  while (bytes[before] === backslash) before -= 1
  return (at - before) % 2 === 0
}

/** As JSON.stringify, which takes as long as the parser for what is attached. */
export function jsonText(value: unknown): string {
  if (!hasLong(value)) return JSON.stringify(value)
  const marks = createMarks()
  const text = JSON.stringify(marks.marked(value))
  return marks.count() === 0 ? text : marks.written(text)
}

/** Nearly nothing has any: so it is asked first, and at little cost. */
function hasLong(value: unknown): boolean {
  if (typeof value === 'string') return value.length > longCharacters
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasLong)
}

function createMarks() {
  const name = randomUUID()
  const long: string[] = []
  const of = (text: string) => `${name} ${long.push(text) - 1}`
  const isMark = (text: string) => text.startsWith(name)
  const meant = (mark: string) => long[Number(mark.slice(name.length))] ?? mark
  return {
    of,
    count: () => long.length,
    /** The same with marks for long strings of base64; the same object where it has none. */
    marked: (value: unknown) =>
      otherTexts(value, (text) => (text.length > longCharacters && isBase64(text) ? of(text) : text)),
    filled: (value: unknown) => otherTexts(value, (text) => (isMark(text) ? meant(text) : text)),
    written(text: string): string {
      const [first = '', ...others] = text.split(name)
      return others.reduce((written, other) => {
        const end = other.indexOf('"')
        return written + meant(name + other.slice(0, end)) + other.slice(end)
      }, first)
    },
  }
}

/** A value of JSON with other strings, its keys as they are; what changes nothing is the same object. */
export function otherTexts(value: unknown, other: (text: string) => string): unknown {
  if (typeof value === 'string') return other(value)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => otherTexts(item, other))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  let copy: Record<string, unknown> | undefined
  for (const [key, field] of Object.entries(value)) {
    const changed = otherTexts(field, other)
    if (changed === field) continue
    copy ??= { ...value }
    copy[key] = changed
  }
  return copy ?? value
}
