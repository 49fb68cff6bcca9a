import { afterAll, beforeAll, expect, test } from 'vitest'
import { doorsDrill } from '../../../scripts/chaos/doors.ts'
import { fuzzDrill } from '../../../scripts/chaos/fuzz.ts'
import { instancesDrill } from '../../../scripts/chaos/instances.ts'
import { type Postgres, startPostgres } from '../../../scripts/chaos/postgres.ts'
import { createRandom } from '../../../scripts/random.ts'
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

test('requests drawn by lot to every door are answered, and hold up nobody', {
  timeout: 180_000,
}, async () => {
  const drill = { postgres, random: createRandom(2), say: () => {}, share: 0.03 }
  const { wrong, notes } = await doorsDrill(drill)
  expect(wrong).toEqual([])
  expect(notes.join()).toMatch(/\d+ × 200.*\d+ × 400.*\d+ × 401.*\d+ × 403/)
})
