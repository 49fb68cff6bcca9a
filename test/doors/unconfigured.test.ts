import { afterAll, beforeAll, expect, test } from 'vitest'
import { environmentOf } from '#sandbox/credentials.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  const variables = Object.keys(environmentOf('http://127.0.0.1', 0))
  world = await startWorld({ environment: Object.fromEntries(variables.map((name) => [name, ''])) })
})
afterAll(() => world.stop())

test.each([
  [
    'sendEmail',
    { to: 'a@example.com', subject: 's', body: 'b' },
    ['SMTP_HOST', 'SENDGRID_API_KEY', 'RESEND_API_KEY'],
  ],
  ['sendWhatsApp', { to: '+33612345685', body: 'b' }, ['TWILIO_ACCOUNT_SID', 'GREEN_API_INSTANCE_ID']],
  ['sendSMS', { to: '+33612345685', body: 'b' }, ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN']],
  [
    'sendEmail',
    { to: 'a@example.com', subject: 's', body: 'b', provider: 'resend' },
    ['RESEND_API_KEY', 'EMAIL_FROM'],
  ],
])(
  'where nothing is configured, %s %j answers 503, names the variables and keeps nothing',
  async (action, params, variables) => {
    const answer = await world.action(action, params)
    expect(answer).toMatchObject({
      status: 503,
      body: { success: false, error: { code: 'channel_not_configured' } },
    })
    for (const variable of variables) expect(answer.body.error.message).toContain(variable)
    const othersSender = { sendSMS: 'TWILIO_WHATSAPP_FROM', sendWhatsApp: 'TWILIO_SMS_FROM' }[action]
    if (othersSender) expect(answer.body.error.message).not.toContain(othersSender)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await world.call('GET', '/api/messages')).body.messages).toEqual([])
  },
)

test.each([
  ['sendgrid', '/webhooks/sendgrid', 'SENDGRID_WEBHOOK_SECRET'],
  ['resend', '/api/webhooks/email/resend', 'RESEND_WEBHOOK_SECRET'],
  ['twilio', '/api/whatsapp/incoming', 'TWILIO_AUTH_TOKEN'],
  ['greenapi', '/webhooks/greenapi', 'GREEN_API_WEBHOOK_TOKEN'],
])('the door of %s, which is off, is 404 and names what opens it', async (_name, path, variable) => {
  const { status, body } = await world.call('POST', path, {})
  expect(status).toBe(404)
  expect(body.error).toMatchObject({
    code: 'provider_not_configured',
    message: expect.stringContaining(variable),
  })
})

test('a server with nothing configured lives and is ready', async () => {
  expect((await world.call('GET', '/health')).body).toEqual({ status: 'ok' })
  expect((await world.call('GET', '/health/ready')).body).toEqual({ ready: true, reasons: [] })
})
