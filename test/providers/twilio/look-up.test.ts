import { describe, expect, it } from 'vitest'
import { twilioInboundSince } from '#providers/twilio/inbound-list.ts'
import { twilioFind, twilioStatus } from '#providers/twilio/look-up.ts'
import { messagesApi } from '#providers/twilio/messages-api.ts'
import { failure } from '#support/heard.ts'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'
import { accountSid, authToken, message } from './sending.ts'

const now = () => new Date('2026-11-22T12:00:00Z')
const attemptedAt = new Date('2026-11-22T10:15:00Z')
const from = { whatsapp: '+14155238886', sms: 'Cabinet' }
const list = `/2010-04-01/Accounts/${accountSid}/Messages.json`
const accepted = {
  id: message.id,
  channel: 'whatsapp',
  recipient: message.to,
  providerMessageId: 'SM1',
} as const
const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
const secrets = [authToken, credentials, '33612345678', message.body]

function resource(more: Record<string, unknown> = {}) {
  return {
    sid: 'SM1',
    status: 'sent',
    direction: 'outbound-api',
    from: 'whatsapp:+14155238886',
    to: 'whatsapp:+33612345678',
    body: message.body,
    error_code: null,
    error_message: null,
    messaging_service_sid: null,
    date_created: 'Sun, 22 Nov 2026 10:15:02 +0000',
    date_sent: null,
    date_updated: 'Sun, 22 Nov 2026 10:16:00 +0000',
    ...more,
  }
}

const json = (body: unknown, status = 200): Reply => ({ status, body })
const page = (messages: unknown[], next: string | null = null) => json({ messages, next_page_uri: next })

async function asked(reply: (path: string) => Reply, timeoutMs = 5_000) {
  const server = await localApi(({ path }) => reply(path))
  const api = messagesApi({ accountSid, authToken, apiUrl: server.url, timeoutMs })
  return {
    paths: () => server.requests.map(({ path }) => path),
    requests: server.requests,
    status: () => twilioStatus(api, now)(accepted),
    find: () => twilioFind(api, { from }, now)(message, attemptedAt),
    inboundSince: twilioInboundSince(api, from, now),
  }
}

describe('the status of a message at Twilio', () => {
  it('is its fact with the clock of its last change and the raw of the API', async () => {
    const undelivered = resource({ status: 'undelivered', error_code: 30003, error_message: 'x' })
    const { status, requests } = await asked(() => json(undelivered))
    expect(await status()).toMatchObject([
      {
        eventId: 'SM1:undelivered',
        type: 'failed',
        code: '30003',
        reason: '30003: handset unreachable or off',
        occurredAt: new Date('2026-11-22T10:16:00Z'),
        raw: undelivered,
      },
    ])
    expect(requests).toMatchObject([
      { path: list.replace('.json', '/SM1.json'), headers: { authorization: `Basic ${credentials}` } },
    ])
  })

  it.each(['queued', 'accepted', 'scheduled', 'sending'])('says nothing while it is %s', async (status) => {
    expect(await (await asked(() => json(resource({ status })))).status()).toEqual([])
  })

  it.each<[string, Reply]>([
    ['20003', json({ code: 20003, message: `Authenticate ${authToken}` }, 401)],
    ['20429', json({ code: 20429, message: 'Too Many Requests +33612345678' }, 429)],
    ['500', { status: 500, body: '<html>' }],
    ['404', { status: 404, body: '<html>no such page</html>' }],
    ['301', { status: 301, headers: { location: 'https://elsewhere.example' } }],
    ['timeout', 'hang'],
    ['ECONNRESET', 'reset'],
    ['none', json({ sid: 7 })],
    ['none', { status: 200, body: '<html>' }],
  ])('cannot be asked now: %s', async (code, reply) => {
    const { status, find } = await asked(() => reply, reply === 'hang' ? 100 : undefined)
    const providerCode = code === 'none' ? undefined : code
    expect(await failure(status(), secrets)).toMatchObject({ certainty: 'retryable', providerCode })
    expect(await failure(find(), secrets)).toMatchObject({ certainty: 'retryable' })
  })

  it('cannot be asked where nobody listens', async () => {
    const api = messagesApi({ accountSid, authToken, apiUrl: await nobodyListens() })
    const error = await failure(twilioStatus(api, now)(accepted), secrets)
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: 'ECONNREFUSED' })
  })
})

describe('the search for a message at Twilio', () => {
  it('settles the attempt also where the message still waits', async () => {
    const { find, paths } = await asked(() => page([resource({ status: 'queued' })]))
    expect(await find()).toMatchObject([{ eventId: 'SM1:queued', type: 'queued', messageId: message.id }])
    expect(paths()).toEqual([`${list}?To=whatsapp%3A%2B33612345678&PageSize=100`])
  })

  it.each([
    ['somebody wrote it', { direction: 'inbound' }],
    ['another number sent it', { from: 'whatsapp:+14155238887' }],
    ['it is older', { date_created: 'Sun, 22 Nov 2026 10:13:59 +0000' }],
    ['it is newer', { date_created: 'Sun, 22 Nov 2026 10:30:01 +0000' }],
    ['it has no clock', { date_created: null }],
  ])('takes no message for it where %s', async (_what, more) => {
    expect(await (await asked(() => page([resource(more)]))).find()).toEqual([])
  })

  it('goes on to the next page, until all is older', async () => {
    const old = resource({ sid: 'SM9', date_created: 'Sat, 21 Nov 2026 10:15:02 +0000' })
    const pages = new Map([
      ['2', page([resource()], `${list}?Page=3`)],
      ['3', page([old], `${list}?Page=4`)],
    ])
    const { find, paths } = await asked(
      (path) => pages.get(path.slice(-1)) ?? page([resource({ body: 'Bonsoir' })], `${list}?Page=2`),
    )
    expect(await find()).toMatchObject([{ providerMessageId: 'SM1' }])
    expect(paths()).toHaveLength(3)
  })

  it('finds it beside what cannot be read', async () => {
    const { find } = await asked(() => page([{ sid: 7 }, resource(), null]))
    expect(await find()).toMatchObject([{ providerMessageId: 'SM1' }])
  })

  it('counts a message once that is on two pages', async () => {
    const { find } = await asked((path) =>
      page([resource()], path.endsWith('Page=2') ? null : `${list}?Page=2`),
    )
    expect(await find()).toHaveLength(1)
  })
})

describe('the list of what customers wrote to Twilio', () => {
  const written = resource({
    sid: 'SM2',
    status: 'received',
    direction: 'inbound',
    from: 'whatsapp:+33612345678',
    to: 'whatsapp:+14155238886',
    body: '',
    num_media: '1',
    date_sent: 'Sun, 22 Nov 2026 10:20:00 +0000',
  })

  it('is asked for by our numbers and the day, and leaves media out', async () => {
    const { inboundSince, paths } = await asked(() => page([resource(), written]))
    expect(await inboundSince?.(new Date('2026-11-22T00:00:30Z'))).toMatchObject([
      {
        eventId: 'SM2:received',
        occurredAt: new Date('2026-11-22T10:20:00Z'),
        inbound: { sender: '+33612345678', recipient: '+14155238886', text: undefined, media: undefined },
      },
    ])
    expect(paths()).toEqual([`${list}?To=whatsapp%3A%2B14155238886&DateSent%3E=2026-11-21&PageSize=500`])
    expect(await inboundSince?.(new Date('2026-11-22T10:21:01Z'))).toEqual([])
  })

  it('has the others where one cannot be read', async () => {
    const { inboundSince } = await asked(() => page([{ sid: 7 }, written, null]))
    expect(await inboundSince?.(attemptedAt)).toMatchObject([{ eventId: 'SM2:received' }])
    const none = await asked(() => page([{ sid: 7 }, null]))
    expect(await failure(none.inboundSince?.(attemptedAt), secrets)).toMatchObject({
      certainty: 'retryable',
      message: expect.stringContaining('cannot be read'),
    })
  })

  it('ends after twenty pages', async () => {
    const { inboundSince, paths } = await asked(() => page([written], `${list}?Page=1`))
    await inboundSince?.(attemptedAt)
    expect(paths()).toHaveLength(20)
  })

  it.each([
    'https://elsewhere.example/2010-04-01/x',
    '//elsewhere.example/x',
    '@elsewhere.example/x',
    '/2010-04-01/Accounts/AC2/Messages.json?Page=1',
  ])('does not continue at %s', async (next) => {
    const { inboundSince, paths } = await asked(() => page([written], next))
    expect(await failure(inboundSince?.(attemptedAt), secrets)).toMatchObject({ certainty: 'retryable' })
    expect(paths()).toHaveLength(1)
  })
})
