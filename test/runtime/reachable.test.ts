import { expect, test } from 'vitest'
import { reachable } from '#src/runtime/reachable.ts'

/** A probe whose answers come when the test says so. */
function probed() {
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = []
  const ask = reachable(() => new Promise((resolve, reject) => waiting.push({ resolve, reject })))
  return { ask, waiting }
}

test('however many ask, one probe is under way', async () => {
  const { ask, waiting } = probed()
  const asked = Array.from({ length: 50 }, ask)
  expect(waiting).toHaveLength(1)
  waiting[0]?.resolve('here')
  expect(new Set(await Promise.all(asked))).toEqual(new Set([true]))
})

test('a caller who asks after an answer is told what is so then', async () => {
  const { ask, waiting } = probed()
  const first = ask()
  waiting[0]?.resolve('here')
  expect(await first).toBe(true)
  const next = ask()
  waiting[1]?.reject(new Error('away'))
  expect(await next).toBe(false)
  expect(waiting).toHaveLength(2)
})
