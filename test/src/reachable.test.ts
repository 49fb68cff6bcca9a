import { expect, test } from 'vitest'
import { reachable } from '#src/reachable.ts'

/** A probe whose answers come when the test says so. */
function probed() {
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = []
  let timeMs = 0
  const ask = reachable(
    () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    () => timeMs,
  )
  return { ask, waiting, pass: (ms: number) => (timeMs += ms) }
}

test('however many ask, one probe is under way', async () => {
  const { ask, waiting, pass } = probed()
  const asked = Array.from({ length: 50 }, ask)
  pass(60_000)
  asked.push(ask())
  expect(waiting).toHaveLength(1)
  waiting[0]?.resolve('here')
  expect(new Set(await Promise.all(asked))).toEqual(new Set([true]))
})

test('an answer is kept for a second, whatever it is', async () => {
  const { ask, waiting, pass } = probed()
  const first = ask()
  waiting[0]?.reject(new Error('away'))
  expect(await first).toBe(false)
  pass(999)
  expect(await ask()).toBe(false)
  expect(waiting).toHaveLength(1)
  pass(1)
  const next = ask()
  waiting[1]?.resolve('back')
  expect(await next).toBe(true)
  expect(waiting).toHaveLength(2)
})
