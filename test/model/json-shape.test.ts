import { expect, test } from 'vitest'
import { createJsonShape } from '#src/model/json-shape.ts'

/** What is wrong with a text that comes in pieces of this size. */
function wrong(text: string, pieceBytes = 7): string | undefined {
  const shape = createJsonShape()
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const problem = shape(bytes.subarray(at, at + pieceBytes))
    if (problem !== undefined) return problem
  }
  return undefined
}

test.each([1, 2, 7, 1_000_000])('a JSON text is looked at as it comes, in pieces of %s bytes', (bytes) => {
  const nested = (levels: number) => '{"a":['.repeat(levels / 2) + ']}'.repeat(levels / 2)
  expect(wrong(nested(100), bytes)).toBeUndefined()
  expect(wrong(nested(102), bytes)).toBe('is nested too deep')
  expect(wrong(`[${'0,'.repeat(19_999)}0]`, bytes)).toBeUndefined()
  expect(wrong(`[${'0,'.repeat(20_001)}0]`, bytes)).toBe('has too many keys and values')
  expect(wrong(`{${'"a":1,'.repeat(10_001)}"a":1}`, bytes)).toBe('has too many keys and values')
  expect(wrong('[]'.repeat(200), bytes)).toBeUndefined()
})

test.each([1, 2, 7, 1_000_000])('what stands in a string is text, in pieces of %s bytes', (bytes) => {
  const texts = [
    '[{'.repeat(1_000),
    ','.repeat(30_000),
    '\\',
    '\\\\"[',
    '"'.repeat(9),
    'é"[{\u2028',
    ':'.repeat(30_000),
  ]
  const text = JSON.stringify(texts)
  expect(JSON.parse(text)).toEqual(texts)
  expect(wrong(text, bytes)).toBeUndefined()
  // The strings are at their end, too.
  expect(wrong(`${text}${'['.repeat(101)}`, bytes)).toBe('is nested too deep')
})
