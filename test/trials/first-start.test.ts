import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signToken } from '#src/api/token.ts'
import { createLog } from '#src/runtime/log.ts'
import { type Server, startServer } from '#src/server.ts'

let dataDir: string
let server: Server
const lines: string[] = []
const stream = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk))
    done()
  },
})
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'max-comms-'))
  server = await startServer(
    { DATA_DIR: dataDir, PORT: '0' },
    { log: createLog({ level: 'info', runId: 'test', stream }) },
  )
})
afterAll(async () => {
  await server.stop()
  await rm(dataDir, { recursive: true })
})

test('trial 24: a first start with nothing configured starts', async () => {
  const health = await fetch(`${server.url}/health`)
  expect(health.status).toBe(200)
  expect(await health.json()).toEqual({ status: 'ok' })
  const ready = await fetch(`${server.url}/health/ready`)
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reasons: [] }])
})

/** Every provider, and the variables that the contract says turn it on. */
const remedies: [string, string[]][] = [
  ['smtp', ['SMTP_HOST', 'EMAIL_FROM']],
  ['sendgrid', ['SENDGRID_API_KEY', 'EMAIL_FROM']],
  ['resend', ['RESEND_API_KEY', 'EMAIL_FROM']],
  ['twilio', ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_SMS_FROM']],
  ['greenapi', ['GREEN_API_INSTANCE_ID', 'GREEN_API_TOKEN']],
]

test.each(remedies)(
  'trial 24: the banner says that %s is off and that %j turn it on',
  (provider, variables) => {
    const line = server.banner.split('\n').find((one) => one.includes(` ${provider} `))
    expect(line).toMatch(/\boff\b/)
    for (const variable of variables) expect(line).toContain(variable)
  },
)

test('trial 24: the banner says where it listens, that it has no public URL, which database, and that no channel is on', () => {
  expect(server.banner).toContain(server.url)
  expect(server.banner).toContain('BASE_URL')
  expect(server.banner).toMatch(/embedded/)
  for (const channel of ['email', 'whatsapp', 'sms'])
    expect(server.banner).toMatch(new RegExp(`${channel} +off`))
})

test('trial 24: the log says the same where nobody sees the banner', () => {
  const started: unknown = lines
    .map((line) => JSON.parse(line))
    .find(({ message }) => message === 'server_started')
  expect(started).toMatchObject({ on: [], database: expect.stringMatching(/embedded/) })
  for (const variables of remedies.flatMap(([, names]) => names))
    expect(JSON.stringify(started)).toContain(variables)
})

test.each([
  [
    'sendSMS',
    { to: '+33612345678', body: 'Hi' },
    ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_SMS_FROM'],
  ],
  [
    'sendWhatsApp',
    { to: '+33612345678', body: 'Hi' },
    ['TWILIO_ACCOUNT_SID', 'GREEN_API_INSTANCE_ID', 'GREEN_API_TOKEN'],
  ],
  [
    'sendWhatsApp',
    { to: '+33612345678', body: 'Hi', provider: 'greenapi' },
    ['GREEN_API_INSTANCE_ID', 'GREEN_API_TOKEN'],
  ],
  [
    'sendEmail',
    { to: 'a@b.example', subject: 'S', body: 'B' },
    ['SMTP_HOST', 'SENDGRID_API_KEY', 'RESEND_API_KEY', 'EMAIL_FROM'],
  ],
])(
  'trial 24: %s %o is answered 503 channel_not_configured, naming %j, and nothing is kept',
  async (action, params, variables) => {
    const token = await signToken(server.jwtSecrets[0] ?? '', { tenantId: 't1', expires: '1h' })
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const answer = await fetch(`${server.url}/api/max/actions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ action, params }),
    })
    const text = await answer.text()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).not.toBeNull()
    expect(JSON.parse(text)).toMatchObject({ success: false, error: { code: 'channel_not_configured' } })
    for (const variable of variables) expect(text).toContain(variable)
    const list = await fetch(`${server.url}/api/messages`, { headers })
    expect(await list.json()).toMatchObject({ messages: [] })
  },
)

test('trial 24: no door is open, and none without a token', async () => {
  for (const path of ['/webhooks/twilio', '/webhooks/sendgrid', '/webhooks/resend', '/webhooks/greenapi'])
    expect((await fetch(`${server.url}${path}`, { method: 'POST', body: '{}' })).status).toBe(404)
  expect((await fetch(`${server.url}/api/messages`)).status).toBe(401)
})

test('trial 24: the secret of the tokens is made once, and only its owner may read it', async () => {
  expect(await readdir(dataDir)).toContain('jwt-secret')
  expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o077).toBe(0)
  expect(server.jwtSecrets).toHaveLength(1)
  expect(server.jwtSecrets[0]?.length).toBeGreaterThanOrEqual(64)
  expect(lines.join('')).not.toContain(server.jwtSecrets[0])
})
