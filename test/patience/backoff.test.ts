import { expect, test } from 'vitest'
import { backoffMs } from '#src/patience.ts'

const minute = 60_000

test('the wait doubles with each attempt, from 15 seconds to an hour', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffMs(attempt, 0, 0))
  expect(waits).toEqual([0.25, 0.5, 1, 2, 4, 8, 16, 32].map((minutes) => minutes * minute))
  expect(backoffMs(9, 0, 0)).toBe(60 * minute)
  expect(backoffMs(1_000, 0, 0)).toBe(60 * minute)
})

test('what failed together does not come back together: up to a quarter is added by chance', () => {
  expect(backoffMs(1, 0, 1)).toBe(15_000 * 1.25)
  const waits = Array.from({ length: 100 }, () => backoffMs(3))
  expect(new Set(waits).size).toBeGreaterThan(90)
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(minute)
  expect(Math.max(...waits)).toBeLessThanOrEqual(1.25 * minute)
})

test('it never comes back before the provider’s Retry-After, nor sooner for a short one', () => {
  expect(backoffMs(1, 10 * minute, 0)).toBe(10 * minute)
  expect(backoffMs(1, 2 * 60 * minute, 0)).toBe(2 * 60 * minute)
  expect(backoffMs(4, 1_000, 0)).toBe(2 * minute)
})
