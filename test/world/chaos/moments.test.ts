import { afterAll, beforeAll, expect, test } from 'vitest'
import { clockDrill } from '../../../scripts/chaos/clock.ts'
import { lockDrill } from '../../../scripts/chaos/lock.ts'
import { type Postgres, startPostgres } from '../../../scripts/chaos/postgres.ts'
import { slowDrill } from '../../../scripts/chaos/slow.ts'
import { stopDrill } from '../../../scripts/chaos/stop.ts'
import { drilled } from './drilled.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.close())

const patience = { timeout: 240_000 }

test(
  'a server that is asked to stop under load ends soon, and leaves nothing that it had begun',
  patience,
  async () => {
    expect((await drilled(stopDrill, postgres, 0.1)).accepted).toBeGreaterThan(0)
  },
)

test('a clock that jumps by minutes and a day hurries and holds up nothing', patience, async () => {
  expect((await drilled(clockDrill, postgres, 0.1)).accepted).toBeGreaterThan(0)
})

test('commits of 300 to 900 ms hold up nothing that is due', patience, async () => {
  expect((await drilled(slowDrill, postgres, 0.1)).accepted).toBeGreaterThan(0)
})

test('a database that is locked for seconds costs nothing but these', patience, async () => {
  expect((await drilled(lockDrill, postgres, 0.1)).accepted).toBeGreaterThan(0)
})
