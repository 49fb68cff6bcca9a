import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { OutgoingMessage } from '#src/model/message.ts'
import { anotherServer } from '#support/another-server.ts'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import {
  asked,
  becomes,
  byGreenapi,
  byResend,
  bySms,
  bySmtp,
  comes,
  logged,
  person,
  receivedBy,
  schedule,
  shown,
  type Way,
} from '#support/sends.ts'
import { drained, fromTwilio, knock } from '#support/signed.ts'
import { sent, twilioStatus } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 10 })
})
afterAll(() => world.stop())

describe('trial 20: a message whose process died before it had sent it', () => {
  /** Reserved by a process whose lease is over; of its send nobody knows anything. */
  async function left(way: Way) {
    const to = person(way, 'ok')
    const base = { id: randomUUID(), tenantId: 't1', createdAt: new Date(), to }
    const message: OutgoingMessage =
      way.action === 'sendEmail'
        ? {
            ...base,
            channel: 'email',
            subject: 'Test',
            text: 'Bonjour',
            tracking: { opens: false, clicks: false },
          }
        : { ...base, channel: way.action === 'sendSMS' ? 'sms' : 'whatsapp', body: 'Bonjour' }
    const nothing = { leadId: undefined, parentType: undefined, parentId: undefined, metadata: undefined }
    const times = { sendAt: undefined, expiresAt: undefined }
    await world.server.store.reserveMessage(
      {
        message,
        provider: way.provider,
        sender: undefined,
        warnings: [],
        requestId: 'gone',
        ...nothing,
        ...times,
      },
      {
        idempotency: undefined,
        limits: { hour: undefined, recipientDay: undefined },
        owner: 'gone',
        leaseSeconds: -1,
      },
    )
    return { messageId: message.id, to }
  }

  test.each([bySmtp, bySms, byGreenapi])(
    'by $provider is unknown, and is never sent by itself',
    async (way) => {
      const { messageId, to } = await left(way)
      const { message, attempts } = await becomes(world, messageId, { status: 'unknown' })
      expect(message).toMatchObject({ attempts: 1, errorCode: 'attempt_not_ended', nextAttemptAt: null })
      expect(attempts).toMatchObject([{ number: 1, outcome: 'unknown' }])
      await asked(world, messageId)
      expect((await shown(world, messageId)).message).toMatchObject({ status: 'unknown', attempts: 1 })
      expect(receivedBy(world, to)).toHaveLength(0)
      expect(logged(world, 'attempt_expired').map((line) => line.messageId)).toContain(messageId)
    },
  )

  test('by Resend, which would recognise it, is sent once more at once', async () => {
    const { messageId, to } = await left(byResend)
    const { attempts } = await becomes(world, messageId, {
      attempts: 2,
      errorCode: null,
      sentAt: expect.anything(),
    })
    expect(attempts).toMatchObject([{ outcome: 'unknown' }, { outcome: 'accepted' }])
    expect(receivedBy(world, to)).toHaveLength(1)
  })
})

test('trial 27: cancelled or sent, never both, when many are cancelled at the moment at which they are due', async () => {
  const people = Array.from({ length: 40 }, () => person(bySms, 'ok'))
  const messages = await Promise.all(people.map(async (to) => ({ to, id: await schedule(world, bySms, to) })))
  await comes(world, ...messages.map(({ id }) => id))
  const answers = await Promise.all(
    messages.map(async (message) => {
      const { status, body } = await world.call('POST', `/api/messages/${message.id}/cancel`)
      return { ...message, status, code: body.error?.code }
    }),
  )
  for (const { id, to, status, code } of answers) {
    expect([status, code]).toEqual(status === 200 ? [200, undefined] : [409, 'too_late'])
    const cancelled = { status: 'cancelled', attempts: 0, nextAttemptAt: null }
    await becomes(
      world,
      id,
      status === 200 ? cancelled : { attempts: 1, providerMessageId: expect.anything() },
    )
    expect(receivedBy(world, to)).toHaveLength(status === 200 ? 0 : 1)
  }
})

test('while the database is busy what is due goes out, once, and readiness says that it is busy, not away', async () => {
  const told = await sent(world, 'twilio')
  const to = person(bySms, 'ok')
  const scheduled = await schedule(world, bySms, to)
  // Nobody can write an event, everything else goes on.
  const client = new pg.Client({ connectionString: world.database.url })
  await client.connect()
  await client.query('begin; lock table message_events in share mode')
  const callback = fromTwilio(twilioStatus(told, 'read'), { baseUrl: world.url })
  expect((await knock(world.url, callback)).status).toBe(204)
  const ready = async () => (await fetch(`${world.url}/health/ready`)).text()
  expect(await ready()).toContain('spool')
  await world.database.query('update messages set next_attempt_at = now() where id = $1', [scheduled])
  await vi.waitFor(() => expect(receivedBy(world, to)).toHaveLength(1), { timeout: 10_000 })
  expect(await ready()).toContain('database: busy')
  expect(await ready()).not.toContain('away')
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  expect(metrics).toContain('comms_database{is="busy"} 1\ncomms_database{is="away"} 0')
  await client.query('commit')
  await client.end()
  await drained(world.url)
  await becomes(world, told.messageId, { status: 'read' })
  await becomes(world, scheduled, { attempts: 1, providerMessageId: expect.anything() })
  expect(receivedBy(world, to)).toHaveLength(1)
  expect(logged(world, 'database_away')).toEqual([])
  expect(logged(world, 'database_caught_up')).toContainEqual(expect.objectContaining({ level: 'info' }))
})

describe('two servers on one database', () => {
  let api: FakeApi
  let shared: World
  let other: { stop(): Promise<void> }
  beforeAll(async () => {
    api = await startFakeApi()
    shared = await startWorld({ workerEveryMs: 20, environment: api.environment })
    other = await anotherServer(shared, { workerEveryMs: 20, environment: api.environment })
  })
  afterAll(async () => {
    await other.stop()
    await shared.stop()
    await api.away()
  })

  test('send fifty due messages once each, both of them at it', async () => {
    const people = Array.from({ length: 50 }, () => person(bySms, 'ok'))
    const ids = await Promise.all(people.map((to) => schedule(shared, bySms, to)))
    api.slowMs = 150
    await comes(shared, ...ids)
    for (const id of ids)
      await becomes(shared, id, { status: 'queued', attempts: 1, providerMessageId: expect.anything() })
    const sends = api.calls('twilio').filter(({ body }) => body !== '')
    const reached = sends.map(({ body }) => new URLSearchParams(body).get('To'))
    expect(reached.toSorted()).toEqual(people.toSorted())
    const owners = await shared.database.query('select distinct owner from message_attempts')
    expect(owners).toHaveLength(2)
  })
})
