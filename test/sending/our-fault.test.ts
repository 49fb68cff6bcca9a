import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import {
  byGreenapi,
  byResend,
  bySendgrid,
  bySms,
  byTwilio,
  logged,
  person,
  send,
  shown,
} from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

/** Providers that say no to us, and not to the message: https://www.twilio.com/docs/api/errors, each by its number. */
const minute = 60_000
let aheadMs = 0
let api: FakeApi
/** With a provider that takes over, and without. */
let world: World
let alone: World
beforeAll(async () => {
  api = await startFakeApi()
  const now = () => new Date(Date.now() + aheadMs)
  const environment = { ...api.environment, EMAIL_PROVIDER: 'sendgrid' }
  world = await startWorld({
    now,
    environment: { ...environment, WHATSAPP_FALLBACK: 'greenapi', EMAIL_FALLBACK: 'resend' },
  })
  alone = await startWorld({ now, environment })
})
afterAll(async () => {
  await Promise.all([world.stop(), alone.stop()])
  await api.away()
})
beforeEach(async () => {
  api.replies.clear()
  aheadMs += 61 * minute
  // No run of refusals leads from one test to the next.
  for (const way of [byTwilio, bySms, bySendgrid, byResend, byGreenapi])
    for (const one of [world, alone]) expect((await send(one, way, person(way, 'ok'))).status).toBe(200)
})

const whatsapp = () => world.action('sendWhatsApp', { to: person(byTwilio, 'ok'), body: 'x' })
const email = () => world.action('sendEmail', { to: person(bySendgrid, 'ok'), subject: 'x', body: 'x' })

function twilioSays(code: number | string, status = 400, message = 'no'): void {
  const more_info = `https://www.twilio.com/docs/errors/${code}`
  api.replies.set('twilio', { status, body: { code, message, more_info, status } })
}

const codes = [
  [404, 20404],
  [400, 21212],
  [400, 21603],
  [400, 21606],
  [400, 21609],
  [400, 21703],
  [400, 21704],
  [400, '21705'],
  [403, 30002],
  [400, 63001],
  [400, 63007],
  [400, 63020],
  [400, 63038],
  [400, 63051],
  [401, 20003],
] as const

describe('what Twilio says of our sender or our account', () => {
  test.each(codes)('with HTTP %i and %s is no refusal: the other one takes it', async (status, code) => {
    twilioSays(code, status)
    const answer = await whatsapp()
    expect(answer).toMatchObject({ status: 200, body: { provider: 'greenapi' } })
  })

  test.each(codes)('with HTTP %i and %s it waits where there is no other', async (status, code) => {
    twilioSays(code, status)
    const to = person(byTwilio, 'ok')
    const { status: answered, body } = await send(alone, byTwilio, to)
    expect({ answered, body }).toMatchObject({ answered: 202, body: { status: 'queued' } })
    const { message } = await shown(alone, body.messageId)
    expect(message).toMatchObject({ errorCode: String(code) })
    const rows = await alone.database.query('select 1 from suppressions where address = $1', [to])
    expect(rows).toEqual([])
  })

  test('stops what goes out from that sender, once; the others go on', async () => {
    twilioSays(63051)
    const alerts = logged(alone, 'provider_stopped').length
    const people = [1, 2, 3].map(() => person(byTwilio, 'ok'))
    for (const to of people) expect((await send(alone, byTwilio, to)).status).toBe(202)
    expect(people.filter((to) => asked('twilio', to))).toHaveLength(1)
    const lines = logged(alone, 'provider_stopped').slice(alerts)
    expect(lines).toMatchObject([{ level: 'error', provider: 'twilio', code: '63051' }])
    expect(lines[0]?.reason).toContain('TWILIO_WHATSAPP_FROM')
    api.replies.clear()
    expect((await send(alone, bySms, person(bySms, 'ok'))).status).toBe(200)
  })

  test.each([21408, 21608])('of where we may send to (%i) it stops nothing', async (code) => {
    twilioSays(code, 403)
    expect((await send(alone, bySms, person(bySms, 'ok'))).status).toBe(202)
    api.replies.clear()
    expect((await send(alone, bySms, person(bySms, 'ok'))).status).toBe(200)
  })

  test.each([21211, 21610, 63016, 21617])('of the message or its person (%i) is a refusal', async (code) => {
    twilioSays(code)
    expect((await whatsapp()).status).toBe(422)
  })
})

/** Whether it was handed something for this person: what waited from before may be tried meanwhile. */
const asked = (provider: 'twilio' | 'sendgrid' | 'resend' | 'greenapi', to: string) =>
  api.calls(provider).some(({ body }) => body.includes(to.slice(to.indexOf('+') + 1)))

describe('a key or a plan that is refused', () => {
  test.each([
    [
      bySendgrid,
      401,
      { errors: [{ message: 'The provided authorization grant is invalid', field: null }] },
      'SENDGRID_API_KEY',
    ],
    [bySendgrid, 401, { errors: [{ message: 'Maximum credits exceeded', field: null }] }, 'plan'],
    [bySendgrid, 403, { errors: [{ message: 'access forbidden', field: null }] }, 'SENDGRID_API_KEY'],
    [
      bySendgrid,
      403,
      { errors: [{ message: 'The from address does not match', field: 'from' }] },
      'EMAIL_FROM',
    ],
    [byResend, 401, { name: 'missing_api_key', message: 'Missing API key' }, 'RESEND_API_KEY'],
    [byResend, 403, { name: 'validation_error', message: 'The domain is not verified' }, 'EMAIL_FROM'],
    [byResend, 429, { name: 'daily_quota_exceeded', message: 'quota' }, 'quota'],
    [byGreenapi, 401, undefined, 'GREEN_API_TOKEN'],
    [byGreenapi, 466, {}, 'quota'],
    [byTwilio, 401, { code: 20003, message: 'Authenticate' }, 'TWILIO_AUTH_TOKEN'],
  ])(
    '%o with HTTP %i %o is asked once for ten messages, and one line names %s',
    async (way, status, body, named) => {
      const { provider } = way
      api.replies.set(provider, { status, body })
      const people = Array.from({ length: 10 }, () => person(way, 'ok'))
      const alerts = logged(alone, 'provider_stopped').length
      for (const to of people)
        expect(await send(alone, way, to)).toMatchObject({ status: 202, body: { status: 'queued' } })
      expect(people.filter((to) => asked(provider, to))).toHaveLength(1)
      const lines = logged(alone, 'provider_stopped').slice(alerts)
      expect(lines).toMatchObject([{ level: 'error', provider }])
      expect(lines[0]?.reason).toContain(named)
    },
  )

  test('leaves the mail to the one that takes over', async () => {
    for (const [status, message] of [
      [401, 'The provided authorization grant is invalid'],
      [403, 'access forbidden'],
    ]) {
      api.replies.set('sendgrid', { status: Number(status), body: { errors: [{ message, field: null }] } })
      expect(await email()).toMatchObject({ status: 200, body: { provider: 'resend' } })
      aheadMs += 61 * minute
    }
  })
})

describe('an answer that is not the provider’s own', () => {
  const page = { headers: { 'content-type': 'text/html' }, body: '<html><h1>No</h1></html>' }

  test.each(
    [bySms, bySendgrid, byResend, byGreenapi].flatMap((way) =>
      [400, 403, 404, 408, 409, 425].map((status) => [way, status] as const),
    ),
  )('%o with HTTP %i is no refusal', async (way, status) => {
    api.replies.set(way.provider, { ...page, status })
    expect((await send(alone, way, person(way, 'ok'))).status).toBe(202)
  })

  test.each([408, 409, 425])('with HTTP %i does not tell whether the message was taken', async (status) => {
    api.replies.set('twilio', { ...page, status })
    const answer = await send(world, bySms, person(bySms, 'ok'))
    expect(answer).toMatchObject({ status: 202, body: { status: 'unknown' } })
  })

  test.each([{ num_segments: 1 }, { error_code: '0', price: 0.05, tags: [] }])(
    'a sid is a yes, whatever stands beside it: %o',
    async (more) => {
      const sid = 'SM0123456789abcdef0123456789abcdef'
      api.replies.set('twilio', { status: 201, body: { sid, status: 'queued', num_media: '0', ...more } })
      const { status, body } = await send(world, bySms, person(bySms, 'ok'))
      expect(status).toBe(200)
      expect((await shown(world, body.messageId)).message.providerMessageId).toBe(sid)
    },
  )
})
