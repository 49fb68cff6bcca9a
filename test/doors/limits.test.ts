import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { SEND_LIMIT_HOUR: '6', SEND_LIMIT_RECIPIENT_DAY: '2' } })
})
afterAll(() => world.stop())

test('a third message to one recipient, or a seventh in an hour, is 429 and is neither kept nor sent', async () => {
  const sms = (to: string, headers?: Record<string, string>) =>
    world.call('POST', '/api/sms/send', { to, body: 'b', idempotencyKey: to + Math.random() }, headers)
  expect((await sms('+33612345685')).status).toBe(200)
  expect((await sms('+33612345685')).status).toBe(200)
  const third = await sms('+33612345685')
  expect(third).toMatchObject(overLimit('SEND_LIMIT_RECIPIENT_DAY', ['to']))
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
  for (const other of ['185', '285', '385', '485']) expect((await sms(`+33612345${other}`)).status).toBe(200)
  expect(await sms('+33612345585')).toMatchObject(overLimit('SEND_LIMIT_HOUR'))
  const others = { Authorization: `Bearer ${await world.token('t2')}` }
  expect((await sms('+33612345685', others)).status).toBe(200)
  expect((await world.call('GET', '/api/messages')).body.messages).toHaveLength(6)
  expect(world.sandbox.received()).toHaveLength(7)
})

test('a person whose number has several writings is named as the one who has had as many', async () => {
  const headers = { Authorization: `Bearer ${await world.token('t9')}` }
  const send = () => world.call('POST', '/api/sms/send', { to: '+5491123456789', body: 'Hola' }, headers)
  for (const _time of [1, 2]) expect((await send()).status).toBe(200)
  expect(await send()).toMatchObject(overLimit('SEND_LIMIT_RECIPIENT_DAY', ['to']))
})

test('each cc and bcc counts as a message to that person; a field that is over the limit is named', async () => {
  const email = await emailsOf('t3')
  const boss = 'boss@example.com'
  expect((await email({ to: 'a@example.com', cc: [boss] })).status).toBe(200)
  expect((await email({ to: boss, bcc: ['b@example.com', 'b@example.com', boss] })).status).toBe(200)
  const third = { to: 'c@example.com', cc: ['d@example.com'], bcc: ['Boss@Example.com'] }
  expect(await email({ ...third, cc: undefined })).toMatchObject(
    overLimit('SEND_LIMIT_RECIPIENT_DAY', ['bcc.0']),
  )
  expect(await email(third)).toMatchObject(overLimit('SEND_LIMIT_HOUR'))
  expect((await email({ ...third, bcc: [] })).status).toBe(200)
  expect(await email({ to: 'e@example.com' })).toMatchObject(overLimit('SEND_LIMIT_HOUR'))
  const { body } = await world.call('GET', '/api/messages?channel=email', undefined, await bearer('t3'))
  expect(body.messages).toHaveLength(3)
})

test('one send to more people than an hour allows is kept for none of them', async () => {
  const email = await emailsOf('t4')
  const cc = Array.from({ length: 6 }, (_, index) => `p${index}@example.com`)
  expect(await email({ to: 'a@example.com', cc })).toMatchObject(overLimit('SEND_LIMIT_HOUR'))
  expect((await email({ to: 'a@example.com', cc: cc.slice(1) })).status).toBe(200)
})

async function bearer(tenantId: string) {
  return { Authorization: `Bearer ${await world.token(tenantId)}` }
}

async function emailsOf(tenantId: string) {
  const headers = await bearer(tenantId)
  return (params: object) =>
    world.call(
      'POST',
      '/api/max/actions',
      { action: 'sendEmail', params: { subject: 'Test', body: 'b', provider: 'smtp', ...params } },
      headers,
    )
}

function overLimit(variable: string, paths?: string[]) {
  const issues = paths && { issues: paths.map((path) => ({ path, message: expect.any(String) })) }
  return {
    status: 429,
    body: {
      success: false,
      error: { code: 'send_limit', message: expect.stringContaining(variable), ...issues },
    },
  }
}
