import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { SEND_LIMIT_HOUR: '4', SEND_LIMIT_RECIPIENT_DAY: '2' } })
})
afterAll(() => world.stop())

test('a third message to one recipient, or a fifth in an hour, is 429 and is neither kept nor sent', async () => {
  const sms = (to: string, headers?: Record<string, string>) =>
    world.call('POST', '/api/sms/send', { to, body: 'b', idempotencyKey: to + Math.random() }, headers)
  const over = {
    status: 429,
    body: {
      success: false,
      error: { code: 'send_limit', message: expect.stringContaining('SEND_LIMIT_HOUR') },
    },
  }
  expect((await sms('+33612345685')).status).toBe(200)
  expect((await sms('+33612345685')).status).toBe(200)
  const third = await sms('+33612345685')
  expect(third).toMatchObject(over)
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await sms('+33612345185')).status).toBe(200)
  expect((await sms('+33612345285')).status).toBe(200)
  expect(await sms('+33612345385')).toMatchObject(over)
  const others = { Authorization: `Bearer ${await world.token('t2')}` }
  expect((await sms('+33612345685', others)).status).toBe(200)
  expect((await world.call('GET', '/api/messages')).body.messages).toHaveLength(4)
  expect(world.sandbox.received()).toHaveLength(5)
})
