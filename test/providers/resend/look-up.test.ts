import { describe, expect, it } from 'vitest'
import { resendApi } from '#providers/resend/api.ts'
import { resend } from '#providers/resend/index.ts'
import { resendStatus } from '#providers/resend/look-up.ts'
import { email, failure, heard, sent } from '#support/heard.ts'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'
import { world } from '#support/receiver.ts'

const apiKey = 're_the_secret_key'
const now = () => new Date('2026-11-22T12:00:00Z')
const message = email('zoe@customer.example')
const secrets = [apiKey, 'zoe@customer.example']
const providerMessageId = '56761188-7520-42d8-8898-ff6fc54ce618'
const accepted = { id: message.id, channel: 'email', recipient: message.to, providerMessageId } as const

/** https://resend.com/docs/api-reference/emails/retrieve-email */
const retrieved = {
  object: 'email',
  id: providerMessageId,
  to: ['Zoé <zoe@customer.example>'],
  from: 'max@comms.example',
  created_at: '2026-11-22 10:15:00.000000+00',
  subject: 'Rendez-vous',
  last_event: 'delivered',
  tags: [{ name: 'app_msg', value: message.id }],
}

async function asked(reply: Reply) {
  const server = await localApi(() => reply)
  return { server, status: () => resendStatus(resendApi(apiKey, server.url), now)(accepted) }
}

describe('resend: the status of an email', () => {
  it('is its last event, with an id of our own and our clock', async () => {
    const { server, status } = await asked({ status: 200, body: retrieved })
    expect(await status()).toMatchObject([
      {
        eventId: `poll:${providerMessageId}:delivered`,
        type: 'delivered',
        providerType: 'email.delivered',
        messageId: message.id,
        providerMessageId,
        recipient: 'zoe@customer.example',
        source: 'poll',
        occurredAt: now(),
        raw: retrieved,
      },
    ])
    expect(server.requests).toMatchObject([{ method: 'GET', path: `/emails/${providerMessageId}` }])
  })

  it.each([
    ['bounced', 'bounced'],
    ['delivery_delayed', 'deferred'],
    ['complained', 'complained'],
    ['suppressed', 'rejected'],
    ['canceled', 'unknown'],
  ])('%s is %s', async (lastEvent, type) => {
    const { status } = await asked({ status: 200, body: { ...retrieved, last_event: lastEvent } })
    expect(await status()).toMatchObject([{ type }])
  })

  it.each<[string, Reply]>([
    ['queued', { status: 200, body: { ...retrieved, last_event: 'queued' } }],
    ['without an event', { status: 200, body: { ...retrieved, last_event: null } }],
    ['not found', { status: 404, body: { statusCode: 404, name: 'not_found', message: 'Email not found' } }],
  ])('says nothing where it is %s', async (_what, reply) => {
    expect(await (await asked(reply)).status()).toEqual([])
  })

  it.each<[string | undefined, Reply]>([
    ['restricted_api_key', { status: 401, body: { name: 'restricted_api_key', message: 'only sending' } }],
    [
      'validation_error',
      { status: 422, body: { name: 'validation_error', message: 'zoe@customer.example' } },
    ],
    ['rate_limit_exceeded', { status: 429, body: { name: 'rate_limit_exceeded' } }],
    ['500', { status: 500, body: '<html>' }],
    ['404', { status: 404, body: '<html>' }],
    ['ECONNRESET', 'reset'],
    [undefined, { status: 200, body: '<html>' }],
  ])('cannot be asked for now: %s', async (providerCode, reply) => {
    const { status } = await asked(reply)
    expect(await failure(status(), secrets)).toMatchObject({ certainty: 'retryable', providerCode })
  })

  it('cannot be asked for where nobody listens', async () => {
    const status = resendStatus(resendApi(apiKey, await nobodyListens()), now)
    expect(await failure(status(accepted), secrets)).toMatchObject({ certainty: 'retryable' })
  })
})

describe('resend, in the sandbox', () => {
  async function setUp() {
    const { sandbox, receiver } = await world({ holdMs: 1 })
    const provider = await resend.create(sandbox.environment, {
      baseUrl: receiver.url,
      country: 'FR',
      now: () => new Date(),
      clock: () => performance.now(),
    })
    if (!provider) throw new Error('resend is off')
    return { sandbox, receiver, provider }
  }

  it.each([
    ['silent', 'delivered'],
    ['reverse', 'delivered'],
    ['late', 'delivered'],
    ['bounce', 'bounced'],
    ['spam', 'complained'],
  ])('says of the story %s how it ended', async (story, type) => {
    const { sandbox, receiver, provider } = await setUp()
    const asking = await sent(provider, email(`${story}@customer.example`))
    await sandbox.idle()
    const [event] = (await provider.status?.(asking)) ?? []
    expect(event).toMatchObject({ type, messageId: asking.id, recipient: asking.recipient })
    const told = heard(provider, receiver)
    expect(told.map(({ eventId }) => eventId)).not.toContain(event?.eventId)
    expect(told.map((one) => one.type).includes(event?.type ?? 'unknown')).toBe(story !== 'silent')
  })

  it.each(['timeout', 'drop'])('takes an email only once that is sent again after %s', async (story) => {
    const { sandbox, provider } = await setUp()
    const lost = email(`${story}@customer.example`)
    await expect(provider.send?.(lost)).rejects.toMatchObject({ certainty: 'unknown' })
    expect(provider.recognisesRepeats).toBe(true)
    const asking = await sent(provider, lost)
    await sandbox.idle()
    expect(sandbox.received().map(({ id }) => id)).toEqual([asking.providerMessageId])
    expect(await provider.status?.(asking)).toMatchObject([{ type: 'delivered' }])
  })
})
