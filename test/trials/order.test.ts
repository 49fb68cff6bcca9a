import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  fromGreenapi,
  fromResend,
  fromSendgrid,
  fromTwilio,
  post,
  type SignedRequest,
} from '#support/signed.ts'
import {
  facts,
  greenapiStatus,
  resendEvent,
  type Sent,
  sendgridEvent,
  sent,
  timeline,
  twilioStatus,
} from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

const dayMs = 24 * 3_600_000

let world: World
let later = 0
const now = () => new Date(Date.now() + later)
beforeAll(async () => {
  world = await startWorld({ now })
})
afterAll(() => world.stop())

/** Tells a message's facts one after the other; each is kept before the next is told. */
async function tell(...webhooks: SignedRequest[]): Promise<void> {
  for (const webhook of webhooks) expect((await post(world.url, webhook)).status).toBeLessThan(300)
}

const whatsapp = {
  twilio: (message: Sent, status: string, more: Record<string, string> = {}) =>
    fromTwilio(twilioStatus(message, status, more), { baseUrl: world.url }),
  greenapi: (message: Sent, status: string) => fromGreenapi(greenapiStatus(message, status)),
}

test('in order, a WhatsApp message is sent, delivered and read, and its timeline says so', async () => {
  const answer = await world.action('sendWhatsApp', {
    to: '06 12 34 56 70',
    body: 'Bonjour',
    provider: 'twilio',
  })
  expect(answer).toMatchObject({ status: 200, body: { success: true, provider: 'twilio', status: 'queued' } })
  await world.settled()
  const { message, events } = await timeline(world, answer.body.messageId)
  expect(message).toMatchObject({ status: 'read', recipient: '+33612345670', tenantId: 't1' })
  expect(events.map(({ type }) => type)).toEqual(['queued', 'sent', 'delivered', 'read'])
})

test.each(['twilio', 'greenapi'])(
  'trial 3: a message whose WhatsApp webhooks come in reverse from %s ends in read, with three facts',
  async (provider) => {
    const { body } = await world.action('sendWhatsApp', { to: '+33612345687', body: 'Hi', provider })
    await world.settled()
    const { message } = await timeline(world, body.messageId)
    expect(message).toMatchObject({ status: 'read' })
    expect([message.sentAt, message.deliveredAt, message.readAt]).not.toContain(null)
    // Twilio tells no time: its timeline is in the order of arrival. Green-API also echoes the send, as unknown.
    const told = await facts(world, body.messageId)
    expect(told.filter((type) => type !== 'unknown').toSorted()).toEqual(['delivered', 'read', 'sent'])
  },
)

test.each(['sendgrid', 'resend'])(
  'trial 3: an email whose webhooks come in reverse from %s ends in its last fact',
  async (provider) => {
    const { body } = await world.action('sendEmail', {
      to: 'reverse@customers.example',
      from: 'max@sandbox.example',
      subject: 'Hello',
      body: '<p>Hi</p>',
      tracking: { opens: true, clicks: false },
      provider,
    })
    await world.settled()
    const { message } = await timeline(world, body.messageId)
    expect(message).toMatchObject({ status: 'opened' })
    expect(message.deliveredAt).not.toBeNull()
    const told = await facts(world, body.messageId)
    expect(told.filter((type) => type !== 'queued' && type !== 'sent')).toEqual(['delivered', 'opened'])
  },
)

describe.each(['twilio', 'greenapi'] as const)('%s', (provider) => {
  test.each([
    ['sent', 'delivered', 'read'],
    ['sent', 'read', 'delivered'],
    ['delivered', 'sent', 'read'],
    ['delivered', 'read', 'sent'],
    ['read', 'sent', 'delivered'],
    ['read', 'delivered', 'sent'],
  ])('trial 3: %s, %s, %s end in read, with three facts on the timeline', async (...statuses) => {
    const message = await sent(world, provider)
    await tell(...statuses.map((status) => whatsapp[provider](message, status)))
    expect((await facts(world, message.messageId)).toSorted()).toEqual(['delivered', 'read', 'sent'])
    expect((await timeline(world, message.messageId)).message.status).toBe('read')
  })

  test('trial 4: failed and then a late sent stays failed', async () => {
    const message = await sent(world, provider)
    await tell(whatsapp[provider](message, 'failed'))
    const before = (await timeline(world, message.messageId)).message
    await tell(whatsapp[provider](message, 'sent'))
    const { message: after } = await timeline(world, message.messageId)
    expect(before.status).toBe('failed')
    expect(after).toMatchObject({
      status: 'failed',
      failedAt: before.failedAt,
      errorMessage: before.errorMessage,
    })
    expect(after.sentAt).not.toBeNull()
    expect((await facts(world, message.messageId)).toSorted()).toEqual(['failed', 'sent'])
  })
})

test('trial 4: a bounce and then a late processed and delivered stays bounced', async () => {
  const message = await sent(world, 'sendgrid')
  await tell(
    fromSendgrid([
      sendgridEvent(message, { event: 'bounce', type: 'bounce', status: '5.1.1', reason: 'unknown user' }),
    ]),
    fromSendgrid([
      sendgridEvent(message, { event: 'processed' }),
      sendgridEvent(message, { event: 'delivered' }),
    ]),
  )
  expect((await timeline(world, message.messageId)).message).toMatchObject({
    status: 'bounced',
    errorCode: '5.1.1',
    errorMessage: 'unknown user',
    bounceClass: 'hard',
  })
})

describe.each([
  {
    provider: 'sendgrid' as const,
    delivered: (message: Sent) => fromSendgrid([sendgridEvent(message, { event: 'delivered' })]),
    bounced: (message: Sent) =>
      fromSendgrid(
        [
          sendgridEvent(message, {
            event: 'bounce',
            type: 'bounce',
            status: '5.1.1',
            reason: '550 5.1.1 unknown user',
            timestamp: Math.floor(now().getTime() / 1_000),
          }),
        ],
        { at: now() },
      ),
  },
  {
    provider: 'resend' as const,
    delivered: (message: Sent) => fromResend(resendEvent(message, 'delivered')),
    bounced: (message: Sent) =>
      fromResend(
        {
          ...resendEvent(message, 'bounced', {
            bounce: { type: 'Permanent', subType: 'General', message: '550 5.1.1 unknown user' },
          }),
          created_at: now().toISOString(),
        },
        { at: now() },
      ),
  },
])('$provider', ({ provider, delivered, bounced }) => {
  test('trial 5: delivered and a day later an asynchronous bounce shows bounced and keeps delivered_at', async () => {
    const message = await sent(world, provider)
    await tell(delivered(message))
    const before = (await timeline(world, message.messageId)).message
    expect(before.status).toBe('delivered')
    later = dayMs
    try {
      await tell(bounced(message))
    } finally {
      later = 0
    }
    const { message: after } = await timeline(world, message.messageId)
    expect(after).toMatchObject({ status: 'bounced', bounceClass: 'hard', deliveredAt: before.deliveredAt })
    const betweenMs = Date.parse(String(after.bouncedAt)) - Date.parse(String(before.deliveredAt))
    expect(Math.round(betweenMs / dayMs)).toBe(1)
    expect(await facts(world, message.messageId)).toEqual(['delivered', 'bounced'])
  })
})

test.each([
  ['sendWhatsApp', 'twilio'],
  ['sendSMS', 'twilio'],
])(
  'trial 8: %s that Twilio calls undelivered is a failure, with its code and what it means',
  async (action, provider) => {
    const { body } = await world.action(action, { to: '+33612345690', body: 'Hi', provider })
    await world.settled()
    const { message, events } = await timeline(world, body.messageId)
    expect(message).toMatchObject({ status: 'failed', errorCode: '30003' })
    expect(message.failedAt).not.toBeNull()
    expect(message.deliveredAt).toBeNull()
    // A person should not have to look the number up.
    expect(message.errorMessage).toMatch(/unreachable|switched off/i)
    expect(events.find(({ type }) => type === 'failed')).toMatchObject({
      providerType: 'undelivered',
      code: '30003',
    })
    const stats = await world.call('GET', '/api/stats')
    expect(stats.body.failed).toBeGreaterThan(0)
  },
)

test('trial 8: an error code that we do not know is kept, and the failure counts', async () => {
  const message = await sent(world, 'twilio')
  await tell(whatsapp.twilio(message, 'undelivered', { ErrorCode: '99999' }))
  expect((await timeline(world, message.messageId)).message).toMatchObject({
    status: 'failed',
    errorCode: '99999',
  })
})

test('trial 11: two clicks on two links are two facts with their URLs', async () => {
  const message = await sent(world, 'sendgrid')
  const urls = ['https://example.com/rdv?a=1&b=2#oui', 'https://example.com/carte']
  const timestamp = Math.floor(Date.now() / 1_000)
  const clicks = urls.map((url, index) =>
    sendgridEvent(message, { event: 'click', url, timestamp: timestamp + index }),
  )
  await tell(fromSendgrid(clicks))
  const { message: shown, events } = await timeline(world, message.messageId)
  expect(shown.status).toBe('clicked')
  expect(events.filter(({ type }) => type === 'clicked').map(({ url }) => url)).toEqual(urls)
})

test('trial 11: two clicks told by Resend are two facts with their URLs', async () => {
  const message = await sent(world, 'resend')
  const urls = ['https://example.com/rdv', 'https://example.com/carte']
  await tell(
    ...urls.map((link) =>
      fromResend(resendEvent(message, 'clicked', { click: { link, userAgent: 'Mozilla' } })),
    ),
  )
  const { events } = await timeline(world, message.messageId)
  expect(events.filter(({ type }) => type === 'clicked').map(({ url }) => url)).toEqual(urls)
})
