import { afterAll, beforeAll, expect, test } from 'vitest'
import { bySms, person, send } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
  for (let sent = 0; sent < 3; sent++) await send(world, bySms, person(bySms, 'ok'))
  await world.settled()
})
afterAll(() => world.stop())

test('a token sees the events of its tenant, the newest first', async () => {
  const { body } = await world.call('GET', '/api/events?limit=5')
  expect(body.events).toHaveLength(5)
  const ids = body.events.map(({ id }: { id: number }) => id)
  expect(ids).toEqual([...ids].sort((left, right) => right - left))
  const next = await world.call('GET', `/api/events?limit=5&cursor=${body.nextCursor}`)
  expect(next.body.events[0].id).toBeLessThan(ids[4])
  for (const { tenantId } of body.events) expect(tenantId).toBe('t1')
})

test('a token pages through the events to a page that says it is the last, and none is empty', async () => {
  const tenant = 'pages'
  const headers = { Authorization: `Bearer ${await world.token(tenant)}` }
  for (const to of ['+33612345085', '+33612346085'])
    await world.call('POST', '/api/sms/send', { to, body: 'b' }, headers)
  const list = (query: string) => world.call('GET', `/api/events?${query}`, undefined, headers)
  const { events, nextCursor } = (await list('limit=200')).body
  expect(nextCursor).toBeNull()
  const whole = (await list(`limit=${events.length}`)).body
  expect(whole).toEqual({ success: true, events, nextCursor: null })
  const most = (await list(`limit=${events.length - 1}`)).body
  const rest = (await list(`limit=${events.length - 1}&cursor=${most.nextCursor}`)).body
  expect([...most.events, ...rest.events]).toEqual(events)
  expect(rest.nextCursor).toBeNull()
})

test('what the provider sent is shown on raw=1 only', async () => {
  const raws = async (query: string) =>
    (await world.call('GET', `/api/events?limit=5${query}`)).body.events.map(
      (event: object) => 'raw' in event,
    )
  expect(new Set(await raws(''))).toEqual(new Set([false]))
  expect(new Set(await raws('&raw=0'))).toEqual(new Set([false]))
  expect(new Set(await raws('&raw=1'))).toEqual(new Set([true]))
})
