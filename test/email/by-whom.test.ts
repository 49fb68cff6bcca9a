import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { logged } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'
import { mailServer } from '../providers/smtp/mail-server.ts'

/** Who tracks a mail: its provider, we, or nobody. */

let api: FakeApi
let port: number
let mails: { content: string }[]
const over: (() => unknown)[] = []
beforeAll(async () => {
  api = await startFakeApi()
  ;({ port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] }, (end) => over.push(end)))
})
afterAll(async () => {
  await api.away()
  for (const end of over) await end()
})

async function worldOf(environment: Record<string, string> = {}): Promise<World> {
  const world = await startWorld({
    environment: { ...api.environment, SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port), ...environment },
    workerEveryMs: 20,
  })
  onTestFinished(() => world.stop())
  return world
}

const tracked = {
  to: 'anna@customers.example',
  subject: 'x',
  html: '<a href="https://shop.example/">a</a>',
  tracking: { opens: true, clicks: true },
}
const send = (world: World, params: object) => world.action('sendEmail', { ...tracked, ...params })
const bySmtp = { provider: 'smtp' }

/** The page and the settings that SendGrid was given last. */
function atSendgrid() {
  const { content, tracking_settings: settings } = JSON.parse(api.calls('sendgrid').at(-1)?.body ?? '{}')
  const { click_tracking: clicks, open_tracking: opens } = settings
  return { html: content.at(-1).value, clicks: clicks.enable, opens: opens.enable }
}

const ours = /\/api\/email\/click\/[\w-]{43,}">a<\/a><img src="[^"]*\/api\/email\/track\/[\w-]{43}\.gif"/

describe('a mail is tracked', () => {
  test('by SendGrid itself, which is heard, and by us where it is not', async () => {
    const heard = await worldOf()
    expect((await send(heard, { provider: 'sendgrid' })).body).toMatchObject({ warnings: [] })
    expect(atSendgrid()).toEqual({ html: tracked.html, opens: true, clicks: true })
    const deaf = await worldOf({ SENDGRID_WEBHOOK_SECRET: '' })
    expect((await send(deaf, { provider: 'sendgrid' })).body).toMatchObject({ warnings: [] })
    expect(atSendgrid()).toEqual({ html: expect.stringMatching(ours), opens: false, clicks: false })
  })

  test('by us where the domain at Resend tracks nothing', async () => {
    const world = await worldOf()
    expect((await send(world, { provider: 'resend' })).body).toMatchObject({ success: true, warnings: [] })
    const given = api.calls('resend').findLast(({ path }) => path.endsWith('/emails'))
    expect(JSON.parse(given?.body ?? '{}').html).toMatch(ours)
  })

  test('by us where SMTP takes over from SendGrid', async () => {
    const world = await worldOf({ EMAIL_PROVIDER: 'sendgrid', EMAIL_FALLBACK: 'smtp' })
    api.replies.set('sendgrid', { status: 429, body: {} })
    onTestFinished(() => void api.replies.delete('sendgrid'))
    const { body } = await send(world, {})
    expect(body).toMatchObject({ provider: 'smtp', warnings: ['failed_over_from_sendgrid'] })
    expect(mails.at(-1)?.content).toContain('/api/email/track/')
  })

  test('the same on each attempt', async () => {
    const world = await worldOf({ EMAIL_PROVIDER: 'resend' })
    api.replies.set('resend', { status: 429, body: { name: 'rate_limit_exceeded' } })
    const { body } = await send(world, {})
    expect(body).toMatchObject({ status: 'queued' })
    api.replies.delete('resend')
    const pages = () =>
      api
        .calls('resend')
        .filter(({ path, body: given }) => path.endsWith('/emails') && given.includes(body.messageId))
        .map(({ body: given }) => given)
    await expect.poll(() => pages().length, { timeout: 30_000 }).toBeGreaterThan(1)
    expect(new Set(pages()).size).toBe(1)
  })
})

describe('a mail is not tracked, and its sender is told', () => {
  test.each([
    ['no one can say who of several it was', { cc: ['eve@customers.example'] }],
    ['no one can say who of several it was, either', { bcc: ['eve@customers.example'] }],
    ['it is a text', { html: undefined, text: 'https://shop.example/' }],
  ])('where %s', async (_why, params) => {
    const world = await worldOf()
    const { status, body } = await send(world, { ...bySmtp, ...params })
    expect([status, body.warnings]).toEqual([200, ['tracking_not_available']])
    expect(mails.at(-1)?.content).not.toContain('/api/email/')
  })

  test.each([
    ['http://192.168.1.10:3000', true],
    ['https://comms.internal', true],
    ['', true],
    ['https://comms.example.com', false],
    ['http://localhost:3000', false],
  ])('where %s is our address: %s', async (BASE_URL, untracked) => {
    const world = await worldOf({ BASE_URL })
    const { status, body } = await send(world, bySmtp)
    expect([status, body.warnings]).toEqual([200, untracked ? ['tracking_not_available'] : []])
    expect(/\/api\/email\//.test(mails.at(-1)?.content ?? '')).toBe(!untracked)
    const told = logged(world, 'tracking_not_available').map(({ provider }) => provider)
    expect(told.includes('smtp')).toBe(untracked)
  })

  test('in production, where our address is this machine’s: a mail is read elsewhere', async () => {
    const production = {
      NODE_ENV: 'production',
      BASE_URL: 'http://localhost:3000',
      TRACKING_SECRET: 'of-the-tests-'.repeat(4),
    }
    const { status, body } = await send(await worldOf(production), bySmtp)
    expect([status, body.warnings]).toEqual([200, ['tracking_not_available']])
  })
})

describe('without TRACKING_SECRET', () => {
  test('a send that needs it is refused, and names it; one that its provider tracks is not', async () => {
    const world = await worldOf({ TRACKING_SECRET: '' })
    const { status, body } = await send(world, bySmtp)
    expect([status, body.error.code]).toEqual([400, 'invalid_params'])
    expect(body.error.issues).toEqual([
      { path: 'tracking', message: expect.stringContaining('TRACKING_SECRET') },
    ])
    expect((await send(world, { provider: 'sendgrid' })).status).toBe(200)
    expect((await send(world, { ...bySmtp, tracking: { opens: false } })).status).toBe(200)
    const picture = await fetch(`${world.url}/api/email/track/x.gif`)
    expect([picture.status, picture.headers.get('content-length')]).toEqual([200, '43'])
    expect((await fetch(`${world.url}/api/email/click/x`)).status).toBe(404)
  })

  test('a step of an escalation goes out all the same', async () => {
    const world = await worldOf({ TRACKING_SECRET: '', EMAIL_PROVIDER: 'smtp' })
    api.replies.set('twilio', { status: 400, body: { code: 21_211, message: 'no' } })
    onTestFinished(() => void api.replies.delete('twilio'))
    const before = mails.length
    const escalate = [{ action: 'sendEmail', params: tracked, after: '1m', unless: 'delivered' }]
    await world.action('sendSMS', { to: '+33612345785', body: 'x', escalate })
    await expect.poll(() => mails.length, { timeout: 10_000 }).toBe(before + 1)
    const sent = async () => (await world.call('GET', '/api/messages?channel=email')).body.messages[0]
    await expect.poll(async () => (await sent()).status).toBe('sent')
    expect(await sent()).toMatchObject({ warnings: ['tracking_not_available'] })
  })
})

test('a pixel that knows nobody is asked for in vain, and said so', async () => {
  const { status, body } = await send(await worldOf(), { ...bySmtp, tracking: 'aggregate' })
  expect(status).toBe(400)
  expect(body.error.issues).toEqual([
    { path: 'tracking', message: expect.stringContaining('"aggregate" is not available') },
  ])
})
