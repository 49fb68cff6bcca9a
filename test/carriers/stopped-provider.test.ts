import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { becomes, byGreenapi, comes, logged, person, send, shown } from '#support/sends.ts'
import { fromGreenapi, post } from '#support/signed.ts'
import { greenapiNotification } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

const minute = 60_000
const sends = () => api.calls('greenapi').filter(({ path }) => path.includes('/sendMessage/'))
let aheadMs = 0
let api: FakeApi
let world: World
beforeAll(async () => {
  api = await startFakeApi()
  world = await startWorld({
    workerEveryMs: 20,
    environment: api.environment,
    now: () => new Date(Date.now() + aheadMs),
  })
})
afterAll(async () => {
  await world.stop()
  await api.away()
})

test.each([
  ['466', 466, { message: 'Monthly quota has been exceeded' }, 60],
  ['not_authorized', 400, { message: 'Instance in starting process or not authorized' }, 15],
])(
  'after %s Green-API is left alone, an operator is alerted, and all goes out when its time is over',
  async (code, status, body, minutes) => {
    const before = sends().length
    const alerts = logged(world, 'provider_stopped').length
    api.replies.set('greenapi', { status, body })
    const first = await send(world, byGreenapi, person(byGreenapi, 'ok'))
    const second = await send(world, byGreenapi, person(byGreenapi, 'ok'))
    api.replies.clear()
    for (const { status, body } of [first, second]) {
      expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
      expect((await shown(world, body.messageId)).message).toMatchObject({ errorCode: code })
      expect(Date.parse(body.nextAttemptAt)).toBeGreaterThan(Date.now() + aheadMs + (minutes - 1) * minute)
    }
    expect(sends()).toHaveLength(before + 1)
    expect(logged(world, 'provider_stopped').slice(alerts)).toMatchObject([{ provider: 'greenapi', code }])

    aheadMs += (minutes + 1) * minute
    await comes(world, first.body.messageId, second.body.messageId)
    for (const { body } of [first, second])
      await becomes(world, body.messageId, { errorCode: null, providerMessageId: expect.anything() })
    expect(sends()).toHaveLength(before + 3)
  },
)

test('a phone that is logged in again is sent by at once', async () => {
  api.replies.set('greenapi', {
    status: 400,
    body: { message: 'Instance in starting process or not authorized' },
  })
  const held = await send(world, byGreenapi, person(byGreenapi, 'ok'))
  api.replies.clear()
  expect(held.status).toBe(202)
  const again = fromGreenapi({
    ...greenapiNotification('stateInstanceChanged'),
    timestamp: Math.floor((Date.now() + aheadMs) / 1_000) + 1,
    stateInstance: 'authorized',
  })
  expect((await post(world.url, again)).status).toBe(200)
  expect((await send(world, byGreenapi, person(byGreenapi, 'ok'))).status).toBe(200)
})
