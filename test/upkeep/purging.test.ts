import { expect, test } from 'vitest'
import { createPurging } from '#src/upkeep/purging.ts'
import { silentLog } from '#support/spool.ts'
import { askedStore } from '../patience/asked-store.ts'

const day = 86_400_000
const going = new AbortController().signal

test('what was to be sent goes after 30 days, keys after 7, 500 at a time; each table is gone through once a day', async () => {
  const clock = { time: 0 }
  const places = ['b', 'c', null, null]
  const { store, asked } = askedStore({
    purge_payloads: () => ({ purged: 1, reached: places.shift() ?? null }),
    purge_keys: { purged: 0, reached: null },
  })
  const purging = createPurging({ store, log: silentLog(), clock: () => clock.time })
  await purging.round(going)
  const walk = (after: string | null) => ({ kept_seconds: (30 * day) / 1_000, after, at_most: 500 })
  expect(asked('purge_payloads')).toEqual([walk(null), walk('b'), walk('c')])
  expect(asked('purge_keys')).toEqual([{ kept_seconds: (7 * day) / 1_000, after: null, at_most: 500 }])
  clock.time = day - 1
  await purging.round(going)
  expect(asked('purge_payloads')).toHaveLength(3)
  clock.time = day
  await purging.round(going)
  expect(asked('purge_payloads').slice(3)).toEqual([walk(null)])
})

test('a round looks at ten times 500 rows, and the next goes on where it came to', async () => {
  let place = 0
  const { store, asked } = askedStore({
    purge_payloads: () => ({ purged: 0, reached: String(++place) }),
    purge_keys: { purged: 0, reached: null },
  })
  const purging = createPurging({ store, log: silentLog(), clock: () => 0 })
  await purging.round(going)
  expect(asked('purge_payloads')).toHaveLength(10)
  await purging.round(going)
  expect(asked('purge_payloads')[10]).toMatchObject({ after: '10' })
})
