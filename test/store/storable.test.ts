import { expect, it } from 'vitest'
import { clean, storable } from '#src/store/storable.ts'

it('what jsonb holds is kept as it is', () => {
  const value = { text: 'Très bien 👍', list: [1, null, true], backslash: '\\u0000', tab: '\t' }
  expect(storable(value)).toEqual({ value, exact: undefined })
})

it.each([
  ['a zero byte', 'a\u0000b', 'a\ufffdb'],
  ['a lone high surrogate', 'a\ud83d', 'a\ufffd'],
  ['a lone low surrogate', '\udc4db', '\ufffdb'],
  ['a zero byte behind a backslash', '\\\u0000', '\\\ufffd'],
  ['one beside text that only looks like it', '\\u0000\u0000', '\\u0000\ufffd'],
])('%s is replaced, and the exact text is kept beside', (_what, text, kept) => {
  const { value, exact } = storable({ [text]: [text] })
  expect(value).toEqual({ [kept]: [kept] })
  expect(JSON.parse(exact ?? '')).toEqual({ [text]: [text] })
})

it('nothing is null', () => {
  expect(storable(undefined)).toEqual({ value: null, exact: undefined })
})

it('what is nested deeper than jsonb takes is not kept', () => {
  let deep: unknown = 1
  for (let level = 0; level < 10_000; level++) deep = [deep]
  expect(() => storable(deep)).toThrow('nested too deep')
})

it('a text is cleaned of the same', () => {
  expect(clean('a\u0000\ud83d 👍')).toBe('a\ufffd\ufffd 👍')
})
