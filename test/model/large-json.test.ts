import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { isBase64, jsonText, takenApart } from '#src/model/large-json.ts'

const file = (bytes: number) => Buffer.alloc(bytes, 'abcé').toString('base64')

function parsed(text: string): unknown {
  const { rest, filled } = takenApart(Buffer.from(text))
  return filled(JSON.parse(rest))
}

/** Not toEqual: nobody wants to see the difference. */
const same = isDeepStrictEqual

describe('base64', () => {
  test('is known by its characters, its length and its padding', () => {
    for (const good of ['', 'QUJD', 'QUI=', 'QQ==', '+/+/', file(100_000), file(100_001), file(100_002)])
      expect([good.slice(-9), isBase64(good)]).toEqual([good.slice(-9), true])
    for (const bad of [
      'Q',
      'QU',
      'QUJ',
      'QUJD=',
      '=QUJ',
      'Q=JD',
      'Q===',
      '====',
      'QU-D',
      'QU_D',
      'QU D',
      'QUJD\n',
      'QUJé',
      'QU"D',
    ])
      expect([bad, isBase64(bad)]).toEqual([bad, false])
    for (const wrong of [' ', '\n', '-', '\u0000', 'é', '"', '=']) {
      const text = file(99_000)
      expect([wrong, isBase64(`${text.slice(0, 50_000)}${wrong}${text.slice(50_001)}`)]).toEqual([
        wrong,
        false,
      ])
    }
  })
})

const values: unknown[] = [
  {
    action: 'sendEmail',
    params: { attachments: [{ content: file(90_000) }, { content: file(90_001), name: 'é"\\' }] },
  },
  [file(90_000), { a: file(120_000) }, 'short', 1, null, true],
  { text: 'é"\\\n\u2028'.repeat(50_000), file: file(90_000), 'a"b\\': 'c\\' },
  { text: `${'a'.repeat(70_000)} `, odd: `"${'b'.repeat(70_000)}"` },
  JSON.parse(`{"__proto__":"${file(90_000)}","toJSON":1}`),
  { [file(90_000)]: file(90_000) },
  'x'.repeat(100_000),
  [],
  {},
]

test.each([...values.keys()])('a text taken apart has the value that it has as a whole, %i', (index) => {
  const value = values[index]
  const text = JSON.stringify(value)
  expect(same(parsed(text), JSON.parse(text))).toBe(true)
  expect(same(parsed(JSON.stringify(value, null, 2)), JSON.parse(text))).toBe(true)
})

test.each([...values.keys()])('a value is written as JSON.stringify writes it, %i', (index) => {
  const value = values[index]
  const around = { inside: JSON.stringify(value), value, at: new Date(0), gone: undefined }
  // Not toBe: nobody wants to see the difference.
  expect(jsonText(value) === JSON.stringify(value)).toBe(true)
  expect(jsonText(around) === JSON.stringify(around)).toBe(true)
})

test('what is attached is taken out as PHP writes it, with its slashes escaped', () => {
  const content = 'ab/+'.repeat(50_000)
  const text = JSON.stringify({ a: [{ content }], text: 'x' }).replaceAll('/', '\\/')
  const { rest, filled } = takenApart(Buffer.from(text))
  expect(rest.length).toBeLessThan(1_000)
  expect(filled(JSON.parse(rest))).toEqual({ a: [{ content }], text: 'x' })
})

test('what is attached is not parsed with the rest', () => {
  const text = JSON.stringify({ body: 'a\\"'.repeat(1_000), attachments: [file(1_000_000), file(2_000_000)] })
  expect(takenApart(Buffer.from(text)).rest.length).toBeLessThan(10_000)
})

test.each([
  '',
  '"',
  '"\\',
  '{"a":"',
  `"${'a'.repeat(70_000)}`,
  '"'.repeat(30_000),
  '\\"'.repeat(50_000),
  '"a\\',
])('what is no JSON is left as it is, %#', (text) => {
  expect(takenApart(Buffer.from(text)).rest === text).toBe(true)
})
