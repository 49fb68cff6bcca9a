import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { byResend, bySms, person, schedule, send, shown, type Way } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

const everyMs = 5_000
const reminder = { parentType: 'Meeting', parentId: 'm1' }

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

test('nor are new sends given to it: they wait, and the caller is told until when', async () => {
  api.replies.set('resend', { status: 429, headers: { 'retry-after': '600' }, body: { name: 'rate_limit' } })
  const asked = Date.now()
  const one = () => send(world, byResend, person(byResend, 'ok'))
  expect(await one()).toMatchObject({ status: 202, body: { status: 'queued' } })
  expect(mails()).toBe(1)
  for (const { status, body } of await Promise.all(Array.from({ length: 30 }, one))) {
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
    expect(Date.parse(body.nextAttemptAt) - asked).toBeGreaterThan(590_000)
    expect((await shown(world, body.messageId)).message).toMatchObject({ errorCode: 'paced' })
  }
  expect(mails()).toBe(1)
  expect((await send(world, bySms, person(bySms, 'ok'))).status).toBe(200)
  // Who wants it sooner than that is not refused unheard.
  const expiresAt = new Date(asked + 300_000).toISOString()
  await send(world, byResend, person(byResend, 'ok'), { expiresAt })
  expect(mails()).toBe(2)
})

test('after that so many at once as it has places, whoever asks', async () => {
  api.replies.set('resend', { status: 429, headers: { 'retry-after': '0' }, body: { name: 'rate_limit' } })
  for (let halved = 0; halved < 3; halved++) await send(world, byResend, person(byResend, 'ok'))
  const refused = mails()
  api.replies.delete('resend')
  api.slowMs = 3_000
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => send(world, byResend, person(byResend, 'ok'))),
  )
  expect(mails() - refused).toBe(2)
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
  expect(answers.filter(({ body }) => body.status === 'queued')).toHaveLength(28)
})

test.each([
  { what: 'a code goes before reminders', way: bySms, urgent: {}, others: 'reminder' },
  { what: 'a reminder goes before other mail', way: byResend, urgent: reminder, others: 'mail' },
])('of what waits for one provider $what that were due earlier', async ({ way, urgent, others }) => {
  const more = others === 'reminder' ? reminder : {}
  const to = person(way, 'ok')
  const waiting = Array.from({ length: 60 }, () => schedule(world, way, person(way, 'ok'), more))
  const wanted = await schedule(world, way, to, urgent)
  await world.database.query(
    `update messages set next_attempt_at = now() - make_interval(mins => case when id = $1 then 0 else 5 end)
     where id = any ($2)`,
    [wanted, [wanted, ...(await Promise.all(waiting))]],
  )
  const sent = () => [...api.calls('twilio'), ...api.calls('resend')].filter(({ body }) => body !== '')
  await vi.waitFor(() => expect(sent()).toHaveLength(61), { timeout: 4 * everyMs, interval: 10 })
  // Twenty are begun at once.
  const first = sent()
    .slice(0, 20)
    .map(({ body }) => decodeURIComponent(body))
  expect(first.filter((body) => body.includes(to))).toHaveLength(1)
})
