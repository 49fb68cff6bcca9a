import { afterAll, beforeAll, expect, test } from 'vitest'
import { killDrill } from '../../../scripts/chaos/kill.ts'
import { outageDrill } from '../../../scripts/chaos/outages.ts'
import { type Postgres, startPostgres } from '../../../scripts/chaos/postgres.ts'
import { drilled } from './drilled.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.close())

test('trial 16: a server killed three times under load loses and doubles nothing', {
  timeout: 180_000,
}, async () => {
  const { accepted } = await drilled(killDrill, postgres, 0.1)
  expect(accepted).toBeGreaterThan(0)
})

test('trial 15: a database that crashes under load costs nothing, and the ready check tells the truth', {
  timeout: 180_000,
}, async () => {
  const { accepted } = await drilled(outageDrill, postgres, 0.2)
  expect(accepted).toBeGreaterThan(0)
})
