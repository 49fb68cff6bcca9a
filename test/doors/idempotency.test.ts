import { afterAll, beforeAll, expect, test } from 'vitest'
import { bearer, bySms, person, receivedBy, send, ways } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const to = '+33612345685'

test.each(ways)(
  'a repeat of $action by $provider with its key gets the same answer and sends nothing',
  async (way) => {
    const repeated = person(way, 'silent')
    const key = { idempotencyKey: `again ${way.action} ${way.provider}` }
    const first = await send(world, way, repeated, key)
    const sent = world.sandbox.received().length
    const again = await send(world, way, repeated, key)
    expect(again).toMatchObject({ status: first.status })
    expect(again.body).toEqual(first.body)
    expect(world.sandbox.received()).toHaveLength(sent)
  },
)

test('a key is one whether it is in the header, in the params or in both, and however the fields are ordered', async () => {
  const header = { 'Idempotency-Key': 'header' }
  const ask = (params: object, headers: Record<string, string> = {}) =>
    world.call('POST', '/api/max/actions', { action: 'sendSMS', params }, headers)
  const answers = [
    await ask({ to, body: 'b', metadata: { a: 1, b: 2 } }, header),
    await ask({ metadata: { b: 2, a: 1 }, body: 'b', to, idempotencyKey: 'header' }),
    await ask({ body: 'b', idempotencyKey: 'header', to, metadata: { a: 1, b: 2 } }, header),
    await world.call('POST', '/api/sms/send', { to, body: 'b', metadata: { a: 1, b: 2 } }, header),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(new Set(answers.map(({ body }) => body.messageId)).size).toBe(1)
})

test('twenty at once are one message, and every one gets its answer', async () => {
  const crowded = person(bySms, 'silent')
  const params = { to: crowded, body: 'b', idempotencyKey: 'twenty' }
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.action('sendSMS', params)))
  for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: answers[0]?.body })
  expect(receivedBy(world, crowded)).toHaveLength(1)
})

test('twenty at once to a provider that never answers are one message whose outcome is unknown', async () => {
  const crowded = person(bySms, 'timeout')
  const params = { to: crowded, body: 'b', idempotencyKey: 'twenty unknown' }
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.action('sendSMS', params)))
  expect(new Set(answers.map(({ body }) => body.messageId)).size).toBe(1)
  for (const { status } of answers) expect([200, 202]).toContain(status)
  expect(receivedBy(world, crowded)).toHaveLength(1)
})

test('the same key of another tenant is another message', async () => {
  const params = { to, body: 'b', idempotencyKey: 'shared' }
  const ours = await world.action('sendSMS', params)
  const theirs = await world.call('POST', '/api/sms/send', params, await bearer(world, 't2', false))
  expect(theirs.status).toBe(200)
  expect(theirs.body.messageId).not.toBe(ours.body.messageId)
})

test('a refused request leaves its key free', async () => {
  const bad = await world.action('sendSMS', { to: 'nobody', body: 'b', idempotencyKey: 'free' })
  expect(bad.status).toBe(400)
  const good = await world.action('sendSMS', { to, body: 'b', idempotencyKey: 'free' })
  expect(good.status).toBe(200)
})
