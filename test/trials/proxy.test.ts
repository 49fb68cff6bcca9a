import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { fromTwilio, post, type SignedRequest } from '#support/signed.ts'
import { twilioInbound, twilioStatus } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

const baseUrl = 'https://comms.example.test'

let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { BASE_URL: baseUrl } })
})
afterAll(() => world.stop())

/** What webhooks told: now and then the worker adds what a provider says when it is asked. */
async function kept(): Promise<number> {
  const [row] = await world.database.query(
    `select (select count(*) from message_events where source = 'webhook')::integer
       + (select count(*) from quarantined_events)::integer as count`,
  )
  return Number(row?.count)
}

describe('trial 13: Twilio behind a TLS proxy is proven', () => {
  const proxied = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'comms.example.test',
    'x-forwarded-for': '3.4.5.6',
  }
  let number = 0
  const status = (more: Record<string, string> = {}) =>
    twilioStatus(
      { entityId: `SM${String(++number).padStart(32, '0')}`, to: '+33699999999' },
      'delivered',
      more,
    )
  const json = Buffer.from(
    JSON.stringify([{ type: 'com.twilio.messaging.message.delivered', data: { a: 'é' } }]),
  )
  const bodySHA256 = createHash('sha256').update(json).digest('hex')
  const asJson = (request: SignedRequest): SignedRequest => ({
    ...request,
    headers: { ...request.headers, 'content-type': 'application/json' },
    body: json,
  })

  const variants: [string, () => SignedRequest][] = [
    ['on the URL of BASE_URL', () => fromTwilio(status(), { baseUrl })],
    ['with :443', () => fromTwilio(status(), { baseUrl: `${baseUrl}:443` })],
    [
      'with a query string',
      () => fromTwilio(status(), { baseUrl, path: '/webhooks/twilio-sms?tenant=42&kind=wa' }),
    ],
    [
      'with a query string that our own send asks for',
      () =>
        fromTwilio(status(), {
          baseUrl,
          path: '/webhooks/twilio-whatsapp?m=6f1a1c9e-7a55-4a5e-9a57-0b4a3f6b3a10',
        }),
    ],
    [
      'with an escaped query string',
      () => fromTwilio(status(), { baseUrl, path: '/webhooks/twilio?x=a%20b%26c&y=%C3%A9' }),
    ],
    [
      'with :443 and a query string',
      () => fromTwilio(status(), { baseUrl: `${baseUrl}:443`, path: '/webhooks/twilio?a=1' }),
    ],
    [
      'by a Messaging Service',
      () => fromTwilio(status({ MessagingServiceSid: credentials.twilio.messagingServiceSid }), { baseUrl }),
    ],
    [
      'with parameters of a future API',
      () => fromTwilio({ ...status(), New: '', Tag: ['b', 'a', 'b'], 'é &=+': ' x ' }, { baseUrl }),
    ],
    [
      'of an inbound message',
      () => fromTwilio(twilioInbound('+33612345678', ' Ça va déjà ? 👍 '), { baseUrl }),
    ],
    [
      'by GET',
      () => {
        const query = new URLSearchParams(status())
        return fromTwilio({}, { baseUrl, method: 'GET', path: `/webhooks/twilio-sms?${query}` })
      },
    ],
    [
      'as JSON with bodySHA256',
      () => asJson(fromTwilio({}, { baseUrl, path: `/webhooks/twilio?bodySHA256=${bodySHA256}` })),
    ],
    ...([
      '/webhooks/twilio',
      '/webhooks/twilio-sms',
      '/webhooks/twilio-whatsapp',
      '/api/whatsapp/incoming',
    ].flatMap((path) => [
      [`at ${path}`, () => fromTwilio(status(), { baseUrl, path })],
      [
        `signed for ${path} and rewritten by the proxy to another name`,
        () =>
          fromTwilio(status(), {
            baseUrl,
            path: path === '/webhooks/twilio' ? '/webhooks/twilio-sms?a=1' : '/webhooks/twilio?a=1',
            signedUrl: `${baseUrl}${path}?a=1`,
          }),
      ],
    ]) satisfies [string, () => SignedRequest][]),
  ]

  test.each(variants)('%s', async (_what, request) => {
    const webhook = request()
    const before = await kept()
    const answer = await post(world.url, webhook, proxied)
    expect([200, 204]).toContain(answer.status)
    if (answer.status === 200)
      expect(answer).toMatchObject({ type: expect.stringMatching(/^text\/xml/), text: '<Response/>' })
    expect(await kept()).toBe(before + 1)
  })

  const forgeries: [string, () => SignedRequest][] = [
    ['for http instead of https', () => fromTwilio(status(), { baseUrl: 'http://comms.example.test' })],
    ['for another host', () => fromTwilio(status(), { baseUrl: 'https://evil.example.test' })],
    ['for another port', () => fromTwilio(status(), { baseUrl: `${baseUrl}:8443` })],
    ['for another path', () => fromTwilio(status(), { baseUrl, signedUrl: `${baseUrl}/webhooks/sendgrid` })],
    [
      'for another query',
      () =>
        fromTwilio(status(), {
          baseUrl,
          path: '/webhooks/twilio?m=2',
          signedUrl: `${baseUrl}/webhooks/twilio?m=1`,
        }),
    ],
    [
      'for no query',
      () =>
        fromTwilio(status(), {
          baseUrl,
          path: '/webhooks/twilio?m=2',
          signedUrl: `${baseUrl}/webhooks/twilio`,
        }),
    ],
    [
      'for another JSON body',
      () => ({
        ...asJson(fromTwilio({}, { baseUrl, path: `/webhooks/twilio?bodySHA256=${bodySHA256}` })),
        body: Buffer.from('[]'),
      }),
    ],
    [
      'for a JSON body without bodySHA256',
      () => asJson(fromTwilio({}, { baseUrl, path: '/webhooks/twilio' })),
    ],
    [
      'for a GET that comes as a POST',
      () => {
        const genuine = fromTwilio(
          {},
          { baseUrl, method: 'GET', path: `/webhooks/twilio?${new URLSearchParams(status())}` },
        )
        const forged = Buffer.from(new URLSearchParams(status()).toString())
        return {
          ...genuine,
          method: 'POST',
          headers: { ...genuine.headers, 'content-type': 'application/x-www-form-urlencoded' },
          body: forged,
        }
      },
    ],
  ]

  test.each(forgeries)('but not what was signed %s', async (_what, request) => {
    const before = await kept()
    expect((await post(world.url, request(), proxied)).status).toBe(403)
    expect(await kept()).toBe(before)
  })

  test('but not any form with one letter changed, added or left out', async () => {
    const webhook = fromTwilio(status(), { baseUrl })
    const text = webhook.body.toString()
    const before = await kept()
    for (let at = 0; at < text.length; at += 7) {
      const changed = text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1)
      expect(
        (await post(world.url, { ...webhook, body: Buffer.from(changed) }, proxied)).status,
        changed,
      ).toBe(403)
    }
    for (const changed of [`${text}&a=`, text.replace(/&[^&]*$/, '')])
      expect((await post(world.url, { ...webhook, body: Buffer.from(changed) }, proxied)).status).toBe(403)
    const signature = webhook.headers['x-twilio-signature'] ?? ''
    for (let at = 0; at < signature.length; at += 1) {
      const changed = signature.slice(0, at) + (signature[at] === 'A' ? 'B' : 'A') + signature.slice(at + 1)
      const headers = { ...webhook.headers, 'x-twilio-signature': changed }
      expect((await post(world.url, { ...webhook, headers }, proxied)).status, changed).toBe(403)
    }
    expect(await kept()).toBe(before)
  })

  test('also where BASE_URL itself is written with :443 or a trailing slash', async () => {
    for (const written of [`${baseUrl}:443`, `${baseUrl}/`, `${baseUrl}:443/`]) {
      const other = await startWorld({ environment: { BASE_URL: written } })
      try {
        for (const signedFor of [baseUrl, `${baseUrl}:443`])
          expect(
            (await post(other.url, fromTwilio(status(), { baseUrl: signedFor }), proxied)).status,
            written,
          ).toBe(204)
      } finally {
        await other.stop()
      }
    }
  })

  test('also with the secret before or after a rotation', async () => {
    const other = await startWorld({
      environment: {
        BASE_URL: baseUrl,
        TWILIO_AUTH_TOKEN: `${'0'.repeat(32)}, ${credentials.twilio.authToken}`,
      },
    })
    try {
      expect((await post(other.url, fromTwilio(status(), { baseUrl }))).status).toBe(204)
    } finally {
      await other.stop()
    }
  })
})
