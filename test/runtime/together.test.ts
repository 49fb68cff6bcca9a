import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { together } from '#src/runtime/together.ts'

/** Calls that end when the test says so, and what each was asked for. */
function calls(answer = (wanted: number[]): number[] => wanted.map((one) => one * 10)) {
  const asked: number[][] = []
  const ends: (() => void)[] = []
  const ask = together<number, number>({
    async call(wanted) {
      asked.push(wanted)
      await new Promise<void>((end) => ends.push(end))
      return answer(wanted)
    },
    alone: (error) => error instanceof RangeError,
    weight: (wanted) => wanted,
    mostWeight: 10,
  })
  const endAll = async () => {
    for (; ends.length > 0; await turn()) ends.shift()?.()
  }
  return { asked, ask, endAll }
}

it('nobody waits where nobody else asks', async () => {
  const { asked, ask, endAll } = calls()
  const given = ask(1)
  expect(asked).toEqual([[1]])
  await endAll()
  expect(await given).toBe(10)
})

it('what is asked for during a call is one call after it, and each gets its own', async () => {
  const { asked, ask, endAll } = calls()
  const given = Promise.all([1, 2, 3].map(ask))
  await endAll()
  expect(asked).toEqual([[1], [2, 3]])
  expect(await given).toEqual([10, 20, 30])
})

it('no call weighs more than it may, but what is too heavy alone is asked alone', async () => {
  const { asked, ask, endAll } = calls()
  const given = Promise.all([1, 6, 4, 1, 99, 2].map(ask))
  await endAll()
  expect(asked).toEqual([[1], [6, 4], [1], [99], [2]])
  expect(await given).toHaveLength(6)
})

it('where one of them may be the reason, each is asked for by itself: nobody fails for another', async () => {
  const { asked, ask, endAll } = calls((wanted) => {
    if (wanted.includes(3)) throw new RangeError('three')
    return wanted
  })
  const given = Promise.allSettled([1, 2, 3, 4].map(ask))
  await endAll()
  expect(asked).toEqual([[1], [2, 3, 4], [2], [3], [4]])
  expect((await given).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
})

it('a failure that none of them caused is everybody’s, and what comes later is asked again', async () => {
  let away = true
  const { asked, ask, endAll } = calls((wanted) => {
    if (away) throw new Error('away')
    return wanted
  })
  const given = Promise.allSettled([1, 2, 3].map(ask))
  await endAll()
  expect(asked).toEqual([[1], [2, 3]])
  expect((await given).every(({ status }) => status === 'rejected')).toBe(true)
  away = false
  const later = ask(4)
  await endAll()
  expect(await later).toBe(4)
})

it('an answer that is missing is an error, not silence', async () => {
  const { ask, endAll } = calls(() => [])
  const given = ask(1).catch((error: unknown) => error)
  await endAll()
  expect(String(await given)).toContain('fewer answers')
})
