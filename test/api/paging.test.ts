import { expect, it } from 'vitest'
import { nextCursor, pageSize, positionOf } from '#src/api/paging.ts'

const rows = [
  { created_at: '2026-11-22T10:00:00.123456+00:00', id: '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10' },
  { created_at: '2026-11-22T09:00:00+00:00', id: '1b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10' },
]

it('a page with a row more than it shows is followed by one that begins after its last, to the microsecond', () => {
  const cursor = nextCursor(rows, 1)
  expect(positionOf(cursor ?? '')).toEqual({
    createdAt: '2026-11-22T10:00:00.123456+00:00',
    id: '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10',
  })
})

it.each([
  ['the last', rows, 2],
  ['an empty one', [], 50],
])('no page follows %s', (_which, all, shown) => {
  expect(nextCursor(all, shown)).toBeNull()
})

it.each([
  ['nothing', ''],
  ['no base64', '%%%'],
  ['a time alone', '2026-11-22T10:00:00+00:00'],
  ['another zone', '2026-11-22T10:00:00+01:00 0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10'],
  ['a thirteenth month', '2026-13-22T10:00:00+00:00 0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10'],
  [
    'a year that PostgreSQL reads otherwise',
    '0000-11-22T10:00:00+00:00 0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10',
  ],
  ['an id that is not one', "2026-11-22T10:00:00+00:00 ';drop"],
])('a cursor that holds %s is refused', (_what, text) => {
  const cursor = Buffer.from(text).toString('base64url')
  expect(() => positionOf(cursor)).toThrow(expect.objectContaining({ code: 'invalid_params', status: 400 }))
})

it('a page has 50 rows, or from 1 to 200', () => {
  expect(pageSize.parse(undefined)).toBe(50)
  expect(['1', '200'].map((size) => pageSize.parse(size))).toEqual([1, 200])
  for (const size of ['0', '201', '1.5', 'all']) expect(pageSize.safeParse(size).success, size).toBe(false)
})
