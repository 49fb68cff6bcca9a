import { expect, onTestFinished, test } from 'vitest'
import { localApi } from '#support/local-api.ts'
import { startWorld } from '#support/world.ts'

const chat = '123456789'
const environment = { TELEGRAM_BOT_TOKEN: '1:secret', TELEGRAM_WEBHOOK_SECRET: 'proof' }

test('a Telegram message is sent once, kept, answered, and silent after STOP', async () => {
  const api = await localApi(() => ({ status: 200, body: { ok: true, result: { message_id: 1 } } }))
  const world = await startWorld({ environment: { ...environment, TELEGRAM_API_URL: api.url } })
  onTestFinished(() => world.stop())
  const params = { to: chat, body: 'Bonjour', leadId: 'lead-1', idempotencyKey: 'k1' }

  const sent = await world.action('sendTelegram', params)
  expect(sent).toMatchObject({
    status: 200,
    body: { provider: 'telegram', entityId: `${chat}:1`, preview: `Telegram envoyé à ${chat}` },
  })
  expect((await world.action('sendTelegram', params)).body).toEqual(sent.body)
  expect(api.requests).toMatchObject([{ method: 'POST', path: '/bot1:secret/sendMessage' }])
  expect(JSON.parse(api.requests[0]?.body ?? '')).toEqual({ chat_id: chat, text: 'Bonjour' })

  const update = { update_id: 1, message: { message_id: 2, chat: { id: Number(chat) }, text: 'STOP' } }
  expect((await world.call('POST', '/webhooks/telegram', update)).status).toBe(403)
  const proof = { 'X-Telegram-Bot-Api-Secret-Token': 'proof' }
  expect((await world.call('POST', '/webhooks/telegram', update, proof)).status).toBe(200)
  const { body } = await world.call('GET', '/api/messages?channel=telegram')
  expect(body.messages).toMatchObject([
    { direction: 'inbound', leadId: 'lead-1', status: 'received' },
    { direction: 'outbound', leadId: 'lead-1', status: 'sent' },
  ])
  const after = await world.action('sendTelegram', { to: chat, body: 'Encore' })
  expect(after).toMatchObject({ status: 422, body: { error: { code: 'suppressed' } } })
  expect(api.requests).toHaveLength(1)
})

test('a Telegram message may be a step of an escalation, whose request is kept until then', async () => {
  const blocked = { status: 403, body: { ok: false, description: 'Forbidden: bot was blocked by the user' } }
  const api = await localApi(({ body }) =>
    body.includes(chat) ? { status: 200, body: { ok: true, result: { message_id: 1 } } } : blocked,
  )
  const world = await startWorld({
    environment: { ...environment, TELEGRAM_API_URL: api.url },
    workerEveryMs: 50,
  })
  onTestFinished(() => world.stop())
  const escalate = [{ action: 'sendTelegram', params: { to: chat, body: 'Toujours là ?' }, after: '15m' }]
  const first = await world.action('sendTelegram', { to: '555', body: 'Bonjour', escalate })
  expect(first.status).toBe(422)
  // A final failure sends the next step at once.
  await expect.poll(() => api.requests.at(-1)?.body, { timeout: 10_000 }).toContain('Toujours')
})

test('what is not a number of a chat is refused', async () => {
  const world = await startWorld()
  onTestFinished(() => world.stop())
  const { status, body } = await world.action('sendTelegram', { to: '+33 6 12', body: 'Bonjour' })
  expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_params' })
})

test('the CRM does not take a chat for a phone that has its digits', async () => {
  const api = await localApi(() => ({ status: 200, body: { ok: true, result: { message_id: 1 } } }))
  const world = await startWorld({
    environment: { ...environment, TELEGRAM_API_URL: api.url },
    crm: true,
    workerEveryMs: 50,
  })
  onTestFinished(() => world.stop())
  world.sandbox.crm.lead({ lastName: 'Durand', phone: '+33 1 23 45 67 89' })
  expect((await world.action('sendTelegram', { to: chat, body: 'Bonjour' })).status).toBe(200)
  await expect.poll(() => world.database.query('select kind from jobs'), { timeout: 10_000 }).toEqual([])
  expect(world.sandbox.crm.writes()).toEqual([])
})
