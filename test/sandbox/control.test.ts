import { expect, test } from 'vitest'
import { z } from 'zod'
import type { SandboxLine } from '#sandbox/line.ts'
import { startSandbox } from '#sandbox/start.ts'
import { json, world } from '#support/receiver.ts'

async function setUp() {
  const lines: SandboxLine[] = []
  const { sandbox, receiver, setting } = await world({ log: (line) => lines.push(line), holdMs: 50 })
  const control = (method: string, path: string, body?: unknown) =>
    fetch(`${sandbox.url}/sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const send = (message = 'Bonjour', to = 'test@example.com') =>
    fetch(`${setting('RESEND_API_URL')}/emails`, {
      method: 'POST',
      headers: { authorization: `Bearer ${setting('RESEND_API_KEY')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ from: 'max@example.com', to, subject: message, text: message }),
    })
  return { sandbox, receiver, lines, control, send, setting }
}

test('the page lists the stories and escapes what strangers wrote', async () => {
  const { sandbox, send } = await setUp()
  await send('<script>alert(1)</script>')
  const html = await (await fetch(`${sandbox.url}/sandbox`, { headers: { accept: 'text/html' } })).text()
  expect(html).toContain('bounce@…')
  expect(html).toContain('&lt;script&gt;')
  expect(html).not.toContain('<script>')
})

test('JSON shows what was received and which webhooks were answered how', async () => {
  const { sandbox, receiver, control, send } = await setUp()
  await send()
  await sandbox.idle()
  const all = await (await control('GET', '')).json()
  expect(all).toMatchObject({
    baseUrl: receiver.url,
    outages: [],
    received: [{ provider: 'resend', story: 'ok' }],
  })
  const { webhooks } = await json(await control('GET', '/webhooks'), { webhooks: z.array(z.unknown()) })
  expect(webhooks).toMatchObject([
    { provider: 'resend', told: 'email.sent', status: 200, attempt: 1 },
    { provider: 'resend', told: 'email.delivered', status: 200, attempt: 1 },
  ])
  await control('DELETE', '/messages')
  expect(await (await control('GET', '/messages')).json()).toEqual({ messages: [] })
})

test('a customer writes through either provider', async () => {
  const { receiver, control, setting } = await setUp()
  const from = '+33612345678'
  const twilio = await (
    await control('POST', '/say', { channel: 'sms', provider: 'twilio', from, text: 'Oui' })
  ).json()
  expect(twilio).toMatchObject({ id: expect.stringMatching(/^SM/), status: 200 })
  const chat = { channel: 'whatsapp', provider: 'greenapi', from, button: 'confirm', text: 'Confirmer' }
  expect(await (await control('POST', '/say', chat)).json()).toMatchObject({ status: 200 })
  expect(receiver.arrived.map(({ path }) => path)).toEqual(['/webhooks/twilio-sms', '/webhooks/greenapi'])
  expect(receiver.arrived[0]?.body).toContain(`To=${encodeURIComponent(setting('TWILIO_SMS_FROM'))}`)
})

test.each<[string, unknown, string]>([
  [
    '/say',
    { channel: 'whatsapp', from: '0612345678', text: 'x' },
    'from: must be E.164, such as +33612345678',
  ],
  ['/say', { channel: 'whatsapp', from: '+33612345678' }, 'text: must be given, or button'],
  [
    '/say',
    { channel: 'sms', provider: 'greenapi', from: '+33612345678', text: 'x' },
    'provider: must be twilio for sms: Green-API speaks WhatsApp only',
  ],
  ['/say', { channel: 'sms', from: '+33612345678', text: 'x', extra: 1 }, 'extra: Unrecognized key: "extra"'],
  ['/outage', { provider: 'twilio', kind: 'down', count: 0 }, 'count: must be at least 1'],
  [
    '/base-url',
    { url: 'https://example.com' },
    'url: must be on this machine, such as http://localhost:3000; for another, start the sandbox with BASE_URL',
  ],
])('%s refuses %o by naming the field', async (path, body, error) => {
  const { control } = await setUp()
  const response = await control('POST', path, body)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error })
})

test('an outage lasts for its count of sends, and can be ended', async () => {
  const { control, send, sandbox } = await setUp()
  await control('POST', '/outage', { provider: 'resend', kind: 'down', count: 2 })
  expect([(await send()).status, (await send()).status, (await send()).status]).toEqual([500, 500, 200])
  await control('POST', '/outage', { provider: 'resend', kind: 'refuse' })
  expect((await send()).status).toBe(429)
  await control('DELETE', '/outage')
  expect((await send()).status).toBe(200)
  sandbox.outage({ provider: 'resend', kind: 'timeout' })
  await expect(send()).rejects.toThrow()
})

test('the story timeout accepts, stays silent, and cuts the line', async () => {
  const { send, sandbox } = await setUp()
  await expect(send('x', 'timeout@example.com')).rejects.toThrow()
  expect(sandbox.received()).toHaveLength(1)
})

test('closing ends calls that are held and webhooks that wait', async () => {
  const sandbox = await startSandbox({ delayMs: 60_000 })
  const held = fetch(`${sandbox.environment.RESEND_API_URL}/emails`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sandbox.environment.RESEND_API_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ from: 'max@example.com', to: 'timeout@example.com', subject: 'x', text: 'x' }),
  })
  const ended = expect(held).rejects.toThrow()
  await expect.poll(() => sandbox.received().length, { timeout: 10_000 }).toBe(1)
  await sandbox.close()
  await ended
  await sandbox.idle()
  expect(sandbox.webhooks()).toEqual([])
})

test('no line holds a credential', async () => {
  const { sandbox, lines, send, setting } = await setUp()
  await send()
  await fetch(
    `${setting('GREEN_API_URL')}/waInstance${setting('GREEN_API_INSTANCE_ID')}/nonsense/${setting('GREEN_API_TOKEN')}`,
  )
  await sandbox.idle()
  const log = JSON.stringify(lines)
  for (const name of ['RESEND_API_KEY', 'GREEN_API_TOKEN', 'TWILIO_AUTH_TOKEN', 'GREEN_API_WEBHOOK_TOKEN'])
    expect(log).not.toContain(setting(name))
  expect(lines.map(({ event }) => event)).toContain('request_refused')
})
