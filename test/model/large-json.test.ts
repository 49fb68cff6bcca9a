import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { attachedText } from '#src/model/attached.ts'
import { jsonParts, jsonText, takenApart, withOthers } from '#src/model/large-json.ts'

const file = (bytes: number) => Buffer.alloc(bytes, 'abcé').toString('base64')

async function parsed(text: string): Promise<unknown> {
  const { rest, filled } = await takenApart(Buffer.from(text))
  return filled(JSON.parse(rest.toString()))
}

/** What is attached as the text that it stands for. */
const asText = (value: unknown) => withOthers(value, (content) => attachedText(content))

/** Not toEqual: nobody wants to see the difference. */
const same = isDeepStrictEqual

const values: unknown[] = [
  {
    action: 'sendEmail',
    params: { attachments: [{ content: file(90_000) }, { content: file(90_001), name: 'é"\\' }] },
  },
  [file(90_000), { content: file(120_000), ' "content': file(20_000) }, 'short', 1, null, true],
  { content: [file(90_000), { content: { content: file(90_000) } }] },
  { text: `"content":"${file(90_000)}"`, content: `${file(90_000)} `, a: { content: file(9_000) } },
  { content: 'content', 'content"': file(30_000), metadata: { content: file(30_000) } },
  { text: 'é"\\\n\u2028'.repeat(50_000), file: file(90_000), 'a"b\\': 'c\\' },
  { text: `${'a'.repeat(70_000)} `, odd: `"${'b'.repeat(70_000)}"` },
  JSON.parse(`{"__proto__":"${file(90_000)}","toJSON":1}`),
  { [file(90_000)]: file(90_000) },
  'x'.repeat(100_000),
  [],
  {},
]

test.each([...values.keys()])(
  'a text taken apart has the value that it has as a whole, %i',
  async (index) => {
    const value = values[index]
    const text = JSON.stringify(value)
    expect(same(asText(await parsed(text)), JSON.parse(text))).toBe(true)
    expect(same(asText(await parsed(JSON.stringify(value, null, 2))), JSON.parse(text))).toBe(true)
  },
)

test.each([...values.keys()])('a value is written as JSON.stringify writes it, %i', (index) => {
  const value = values[index]
  const around = { inside: JSON.stringify(value), value, at: new Date(0), gone: undefined }
  // Not toBe: nobody wants to see the difference.
  expect(jsonText(value) === JSON.stringify(value)).toBe(true)
  expect(jsonText(around) === JSON.stringify(around)).toBe(true)
})

test('what is attached is written as the text that it stands for, and stays as it is between the parts', async () => {
  const text = JSON.stringify({ a: 'é', attachments: [{ content: file(90_000) }, { content: file(70_001) }] })
  const value = await parsed(text)
  expect(jsonText(value) === text).toBe(true)
  expect(jsonParts(value).map((part) => typeof part)).toEqual([
    'string',
    'object',
    'string',
    'object',
    'string',
  ])
  expect(jsonParts({ a: 1 })).toEqual(['{"a":1}'])
})

test('what is attached is taken out as PHP writes it, with its slashes escaped', async () => {
  const content = 'ab/+'.repeat(50_000)
  const text = JSON.stringify({ a: [{ content }], text: 'x' }).replaceAll('/', '\\/')
  const { rest, filled } = await takenApart(Buffer.from(text))
  expect(rest.length).toBeLessThan(1_000)
  expect(asText(filled(JSON.parse(rest.toString())))).toEqual({ a: [{ content }], text: 'x' })
})

test('what is attached is not parsed with the rest, however many there are', async () => {
  const attachments = Array.from({ length: 200 }, () => ({ content: file(20_000) }))
  const text = JSON.stringify({
    body: 'a\\"'.repeat(30_000),
    attachments,
    at: [{ content: file(2_000_000) }],
  })
  expect((await takenApart(Buffer.from(text))).rest.length).toBeLessThan(180_000)
})

test.each([
  '',
  '"',
  '"content"',
  '"content":',
  '"content":"',
  `"content":"${'a'.repeat(70_000)}`,
  `"content":"${'a'.repeat(70_000)}\\`,
  '"content":'.repeat(30_000),
  '"content":"'.repeat(30_000),
  '\\"'.repeat(50_000),
  '{"content":"a\\',
])('what is no JSON is left as it is, %#', async (text) => {
  expect((await takenApart(Buffer.from(text))).rest.toString() === text).toBe(true)
})
