import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import {
  bearer,
  becomes,
  byGreenapi,
  byResend,
  bySendgrid,
  bySms,
  byTwilio,
  comes,
  person,
  schedule,
  send,
  shown,
  ways,
} from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

const second = 1_000
const minute = 60 * second

let api: FakeApi
let world: World
/** How far the clock of this world is ahead: a provider that asked for a pause is given nothing before. */
let aheadMs = 0
const time = () => Date.now() + aheadMs
const anHourPasses = () => {
  aheadMs += 60 * minute
}
beforeAll(async () => {
  api = await startFakeApi()
  // A port that nobody listens on, and that nobody else is given: the reserved one.
  const now = () => new Date(time())
  const environment = { ...api.environment, SMTP_PORT: '1' }
  world = await startWorld({ workerEveryMs: 20, environment, now })
})
afterAll(async () => {
  await world.stop()
  await api.away()
})
beforeEach(async () => {
  anHourPasses()
  api.replies.clear()
  await api.away()
  await api.back()
})

// By their recipients: what other tests left waiting may be tried meanwhile.
const sendsTo = (to: string) =>
  api.calls('twilio').filter(({ body }) => new URLSearchParams(body).get('To') === to)
const sendsOf = (messageId: string) =>
  api.calls('resend').filter(({ headers }) => headers['idempotency-key'] === messageId)

describe('tried again, because it was surely not accepted', () => {
  test.each(ways)('$action by $provider: the connection was refused', async (way) => {
    await api.away()
    const before = time()
    const { status, body } = await send(world, way, person(way, 'ok'))
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued', entityId: null } })
    expect(Date.parse(body.nextAttemptAt)).toBeGreaterThanOrEqual(before + 15 * second)
    const { message, events } = await shown(world, body.messageId)
    expect(message).toMatchObject({
      status: 'queued',
      attempts: 1,
      errorCode: expect.stringContaining('ECONN'),
    })
    expect(events).toEqual([])
  })

  const inTenMinutes = () => ({ 'x-ratelimit-reset': String(Math.ceil(time() / 1_000) + 600) })
  const refusals = [
    {
      way: bySms,
      said: '429',
      status: 429,
      body: { code: 20429, message: 'Too Many Requests' },
      code: '20429',
      waits: 15 * second,
    },
    {
      way: byTwilio,
      said: '401',
      status: 401,
      body: { code: 20003, message: 'Authenticate' },
      code: '20003',
      waits: 15 * minute,
    },
    {
      way: bySendgrid,
      said: '429 with X-RateLimit-Reset',
      status: 429,
      headers: inTenMinutes,
      code: '429',
      waits: 10 * minute,
    },
    { way: bySendgrid, said: '401', status: 401, code: '401', waits: 15 * minute },
    {
      way: byResend,
      said: '429 with Retry-After in seconds',
      status: 429,
      headers: () => ({ 'retry-after': '600' }),
      body: { name: 'rate_limit_exceeded' },
      code: 'rate_limit_exceeded',
      waits: 10 * minute,
    },
    {
      way: byResend,
      said: '429 for the day',
      status: 429,
      body: { name: 'daily_quota_exceeded' },
      code: 'daily_quota_exceeded',
      waits: 60 * minute,
    },
    {
      way: byResend,
      said: '403 for a wrong key',
      status: 403,
      body: { name: 'invalid_api_key' },
      code: 'invalid_api_key',
      waits: 15 * minute,
    },
    {
      way: byGreenapi,
      said: '429 with Retry-After as a date',
      status: 429,
      headers: () => ({ 'retry-after': new Date(time() + 601_000).toUTCString() }),
      code: '429',
      waits: 10 * minute,
    },
    { way: byGreenapi, said: '401', status: 401, code: '401', waits: 15 * minute },
  ]

  test.each(refusals)(
    '$way.action by $way.provider: $said',
    async ({ way, status, body, headers, code, waits }) => {
      api.replies.set(way.provider, { status, body, headers: headers?.() ?? {} })
      const before = time()
      const sent = await send(world, way, person(way, 'ok'))
      const after = time()
      expect(sent).toMatchObject({ status: 202, body: { status: 'queued' } })
      const next = Date.parse(sent.body.nextAttemptAt)
      expect(next).toBeGreaterThanOrEqual(before + waits)
      expect(next).toBeLessThanOrEqual(after + (waits + 2 * second) * 1.25)
      const { messageId } = sent.body
      expect((await shown(world, messageId)).message).toMatchObject({ errorCode: code, attempts: 1 })
      api.replies.clear()
      anHourPasses()
      await comes(world, messageId)
      const { attempts } = await becomes(world, messageId, {
        errorCode: null,
        providerMessageId: expect.anything(),
      })
      expect(attempts).toMatchObject([{ outcome: 'retryable', errorCode: code }, { outcome: 'accepted' }])
    },
  )
})

describe('a provider that stays away', () => {
  test('is tried for as long as the message may wait, each wait longer than the last up to an hour', async () => {
    await api.away()
    const { body } = await send(world, byResend, person(byResend, 'ok'))
    const { messageId } = body
    for (let tries = 1; tries <= 12; tries++) {
      const { message, attempts } = await becomes(world, messageId, {
        attempts: tries,
        status: 'queued',
        nextAttemptAt: expect.anything(),
      })
      const { begunAt, endedAt } = attempts.at(-1)
      const next = Date.parse(message.nextAttemptAt)
      const backoff = Math.min(15 * second * 2 ** (tries - 1), 3_600 * second)
      // The wait was reckoned somewhere between the two: how long recording took is not part of it.
      expect(next - Date.parse(begunAt)).toBeGreaterThan(backoff - second)
      expect(next - Date.parse(endedAt)).toBeLessThanOrEqual(backoff * 1.25)
      await comes(world, messageId)
    }
    await world.database.query(
      'update messages set expires_at = now(), next_attempt_at = now() where id = $1',
      [messageId],
    )
    const { message, events } = await becomes(world, messageId, { status: 'failed' })
    expect(message).toMatchObject({
      errorCode: 'expired',
      nextAttemptAt: null,
      failedAt: expect.anything(),
    })
    expect(events).toMatchObject([{ type: 'failed', code: 'expired', source: 'send' }])
    const answer = await world.call('GET', `/api/dead-letters`, undefined, await bearer(world, 't1', true))
    expect(answer.body.messages.map(({ id }: { id: string }) => id)).toContain(messageId)
  })
})

describe('what has expired', () => {
  test('when it is asked for is answered 422 expired at once, kept as such, and reaches nobody', async () => {
    const to = person(bySms, 'ok')
    const expiresAt = new Date(Date.now() - 1).toISOString()
    const { status, body } = await send(world, bySms, to, { expiresAt, idempotencyKey: to })
    expect(status).toBe(422)
    expect(body).toMatchObject({ messageId: expect.anything(), error: { code: 'expired' } })
    expect((await shown(world, body.messageId)).message).toMatchObject({
      status: 'failed',
      errorCode: 'expired',
    })
    expect(await send(world, bySms, to, { expiresAt, idempotencyKey: to })).toMatchObject({
      status: 422,
      body,
    })
    expect(sendsTo(to)).toEqual([])
  })

  test('before its scheduled time has come is not sent late', async () => {
    const to = person(bySms, 'ok')
    const expiresAt = new Date(Date.now() + 7_200_000).toISOString()
    const messageId = await schedule(world, bySms, to, { expiresAt })
    await hasExpired(messageId)
    await comes(world, messageId)
    const { message, events } = await becomes(world, messageId, { status: 'failed' })
    expect(message).toMatchObject({ errorCode: 'expired', nextAttemptAt: null })
    expect(events).toMatchObject([{ type: 'failed', code: 'expired' }])
    expect(sendsTo(to)).toEqual([])
  })

  test('while it waited for its next attempt is not sent late', async () => {
    api.replies.set('twilio', { status: 429, body: { code: 20429 } })
    const to = person(bySms, 'ok')
    const expiresAt = new Date(Date.now() + 7_200_000).toISOString()
    const { body } = await send(world, bySms, to, { expiresAt })
    expect(body.status).toBe('queued')
    api.replies.clear()
    await hasExpired(body.messageId)
    await comes(world, body.messageId)
    await becomes(world, body.messageId, { status: 'failed', errorCode: 'expired' })
    expect(sendsTo(to)).toHaveLength(1)
  })

  test('before its next attempt could be made is given up at once, not kept waiting for it', async () => {
    api.replies.set('greenapi', { status: 466 })
    const expiresAt = new Date(Date.now() + 30 * minute).toISOString()
    const { status, body } = await send(world, byGreenapi, person(byGreenapi, 'ok'), { expiresAt })
    expect({ status, body }).toMatchObject({ status: 422, body: { error: { code: 'expired' } } })
    expect((await shown(world, body.messageId)).message).toMatchObject({
      status: 'failed',
      nextAttemptAt: null,
    })
  })

  const hasExpired = (messageId: string) =>
    world.database.query(`update messages set expires_at = now() - interval '1 second' where id = $1`, [
      messageId,
    ])
})

// By a provider that recognises repeats (Resend): what a later attempt meets says nothing of the first.
describe('an attempt that may have been accepted', () => {
  async function lost() {
    api.replies.set('resend', 'reset')
    const { body } = await send(world, byResend, person(byResend, 'ok'))
    expect(body).toMatchObject({ status: 'unknown', nextAttemptAt: expect.anything() })
    api.replies.clear()
    return String(body.messageId)
  }

  test('leaves the message unknown while the provider cannot be reached, and is settled when it is back', async () => {
    const messageId = await lost()
    await api.away()
    await comes(world, messageId)
    const { message } = await becomes(world, messageId, { attempts: 2, nextAttemptAt: expect.anything() })
    expect(message).toMatchObject({ status: 'unknown', errorCode: 'ECONNREFUSED' })
    expect((await world.call('POST', `/api/messages/${messageId}/cancel`)).status).toBe(409)
    await api.back()
    await comes(world, messageId)
    const { attempts } = await becomes(world, messageId, { status: 'sent', errorCode: null })
    expect(attempts.at(-1)).toMatchObject({ number: 3, outcome: 'accepted' })
    const [first, ...repeats] = sendsOf(messageId).map(({ body }) => body)
    expect(repeats).toEqual([first])
  })

  test('never becomes a failure that may be revived: when it is not recognised any more it stays unknown, for a person', async () => {
    const messageId = await lost()
    await api.away()
    for (let tries = 2; tries <= 10; tries++) {
      await comes(world, messageId)
      const { attempts } = await becomes(world, messageId, {
        attempts: tries,
        status: 'unknown',
        nextAttemptAt: expect.anything(),
      })
      expect(attempts).toHaveLength(tries)
    }
    await world.database.query(
      `update messages set queued_at = queued_at - interval '23 hours', created_at = created_at - interval '23 hours',
         next_attempt_at = now() where id = $1`,
      [messageId],
    )
    await world.settled()
    const { message, events } = await shown(world, messageId)
    expect(message).toMatchObject({ status: 'unknown', attempts: 10, failedAt: null })
    expect(events).toEqual([])
  })

  test('is not a failure because the message has expired since: it stays unknown and is not sent again', async () => {
    const messageId = await lost()
    await world.database.query(
      'update messages set expires_at = now(), next_attempt_at = now() where id = $1',
      [messageId],
    )
    const { message } = await becomes(world, messageId, {
      attempts: 2,
      status: 'unknown',
      nextAttemptAt: null,
    })
    expect(message).toMatchObject({ failedAt: null })
    expect(sendsOf(messageId)).toHaveLength(1)
  })
})
