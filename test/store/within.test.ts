import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { within } from '#src/store/within.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('a call that ends in time gives what it gives, and leaves no timer', async () => {
  expect(await within(Promise.resolve('rows'), 1_000)).toBe('rows')
  await expect(within(Promise.reject(new Error('refused')), 1_000)).rejects.toThrow('refused')
  expect(vi.getTimerCount()).toBe(0)
})

it('one that does not is a database that is away; how it ends later is nobody’s concern', async () => {
  let fail: (error: Error) => void = () => {}
  const call = within(new Promise((_resolve, reject) => (fail = reject)), 1_000)
  const late = expect(call).rejects.toMatchObject({ sqlstate: '57014' })
  await vi.advanceTimersByTimeAsync(1_000)
  await late
  fail(new Error('too late'))
  await vi.advanceTimersByTimeAsync(0)
})
