import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../../../scripts/chaos/postgres.ts'
import { weekDrill } from '../../../scripts/chaos/week.ts'
import { createRandom } from '../../../scripts/random.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.close())

test('of a week with outages, an upgrade and kills each message of each person is accounted for', {
  timeout: 300_000,
}, async () => {
  const drill = { postgres, random: createRandom(1), say: () => {}, share: 0.1 }
  const { wrong, accepted, atSandbox, notes } = await weekDrill(drill)
  expect(wrong).toEqual([])
  expect(accepted).toBeGreaterThan(50)
  expect(atSandbox).toBeGreaterThan(50)
  expect(notes.join()).toContain('not sent with their reason')
})
