import { expect, it } from 'vitest'
import { contentId, tooDeep } from '#src/model/json.ts'

function nested(depth: number): unknown {
  let value: unknown = 'inmost'
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { within: value }
  return value
}

it('what is nested deeper than a hundred levels is too deep, however deep, and nothing overflows', () => {
  expect(tooDeep(nested(100))).toBe(false)
  expect(tooDeep(nested(101))).toBe(true)
  expect(tooDeep(nested(20_000))).toBe(true)
})

it('wide is not deep', () => {
  expect(tooDeep(Array.from({ length: 100_000 }, () => ({})))).toBe(false)
})

it('the same content has the same id, another has another', () => {
  expect(contentId({ event: 'sent', at: 1 })).toBe(contentId({ event: 'sent', at: 1 }))
  expect(contentId({ event: 'sent', at: 1 })).not.toBe(contentId({ event: 'sent', at: 2 }))
  expect(contentId({ event: 'sent' })).toMatch(/^sha256:[0-9a-f]{64}$/)
})

it.each([undefined, null, '', 0])('even %j has one', (value) => {
  expect(contentId(value)).toMatch(/^sha256:/)
})

it('what is too deep to be written has one too', () => {
  expect(contentId(nested(20_000))).toBe('too-deep')
})
