import { afterAll, beforeAll, expect, test } from 'vitest'
import { fuzzDrill } from '../../../scripts/chaos/fuzz.ts'
import { instancesDrill } from '../../../scripts/chaos/instances.ts'
import { type Postgres, startPostgres } from '../../../scripts/chaos/postgres.ts'
import { drilled } from './drilled.ts'

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.close())

test('trial 25: of two servers on one database one is killed and the other adopts its spool; the same messages do not deadlock', {
  timeout: 180_000,
}, async () => {
  await drilled(instancesDrill(2), postgres, 0.2)
})

test('five hundred fuzzed webhooks are all answered 2xx and kept', { timeout: 180_000 }, async () => {
  const { acknowledged } = await drilled(fuzzDrill, postgres, 0.05)
  expect(acknowledged).toBeGreaterThan(500)
})
