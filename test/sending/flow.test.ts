import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { byResend, bySms, person, schedule, type Way } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

const everyMs = 5_000

let api: FakeApi
let world: World
beforeEach(async () => {
  api = await startFakeApi()
  world = await startWorld({ workerEveryMs: everyMs, environment: api.environment })
})
afterEach(async () => {
  await world.stop()
  await api.away()
})

/** Messages that are due at the same moment. */
async function dueAtOnce(way: Way, count: number): Promise<void> {
  const ids = await Promise.all(Array.from({ length: count }, () => schedule(world, way, person(way, 'ok'))))
  await world.database.query('update messages set next_attempt_at = now() where id = any ($1)', [ids])
}

const sms = () => api.calls('twilio').filter(({ path }) => path.endsWith('/Messages.json')).length
const mails = () => api.calls('resend').filter(({ path }) => path.endsWith('/emails')).length

test('what is due at once goes out as fast as its provider takes it, not so many a round', async () => {
  await dueAtOnce(bySms, 150)
  // By twenty a round it would take eight rounds.
  await vi.waitFor(() => expect(sms()).toBe(150), { timeout: 4 * everyMs, interval: 10 })
})

test('a provider that says "too many" is given nothing more meanwhile, and others go on', async () => {
  api.replies.set('resend', { status: 429, headers: { 'retry-after': '600' }, body: { name: 'rate_limit' } })
  await dueAtOnce(byResend, 60)
  await dueAtOnce(bySms, 60)
  await vi.waitFor(() => expect(sms()).toBe(60), { timeout: 4 * everyMs, interval: 10 })
  const refused = mails()
  expect(refused).toBeGreaterThan(0)
  expect(refused).toBeLessThanOrEqual(20)
  await dueAtOnce(bySms, 30)
  await vi.waitFor(() => expect(sms()).toBe(90), { timeout: 4 * everyMs, interval: 10 })
  expect(mails()).toBe(refused)
})
