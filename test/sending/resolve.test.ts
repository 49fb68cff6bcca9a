import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bearer,
  becomes,
  bySendgrid,
  bySms,
  bySmtp,
  comes,
  person,
  receivedBy,
  send,
  shown,
  type Way,
} from '#support/sends.ts'
import { fromTwilio, post } from '#support/signed.ts'
import { twilioStatus } from '#support/told.ts'
import type { World } from '#support/world.ts'
import { nowhere, startDeafWorld } from './deaf-world.ts'

let world: World
let ops: Record<string, string>
beforeAll(async () => {
  world = await startDeafWorld()
  ops = await bearer(world, 't1', true)
})
afterAll(() => world.stop())

const resolve = (messageId: string, as: string, headers = ops) =>
  world.call('POST', `/api/messages/${messageId}/resolve`, { as }, headers)

/** A send of which nobody knows, and that nobody can be asked about. */
async function unknown(way: Way = bySmtp) {
  const to = person(way, 'drop')
  const { body } = await send(world, way, to)
  expect(body).toMatchObject({ status: 'unknown' })
  return { to, messageId: String(body.messageId) }
}

describe.each([bySmtp, bySendgrid])('a person who knows what became of a send by $provider', (way) => {
  test('says that it went out: it is sent, nothing is sent again, and the timeline says who settled it', async () => {
    const { to, messageId } = await unknown(way)
    const { status, body } = await resolve(messageId, 'sent')
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, message: { id: messageId, status: 'sent', errorCode: null } })
    const { events, attempts } = await shown(world, messageId)
    expect(events).toMatchObject([{ type: 'sent', providerType: 'resolved_by_a_person', source: 'person' }])
    expect(attempts).toMatchObject([{ outcome: 'unknown', settledAs: 'sent' }])
    expect(receivedBy(world, to)).toHaveLength(1)
  })

  test('says that it did not: it has failed with a code that says so', async () => {
    const { to, messageId } = await unknown(way)
    const { status, body } = await resolve(messageId, 'failed')
    expect(status).toBe(200)
    expect(body.message).toMatchObject({ status: 'failed', errorCode: 'resolved_as_failed' })
    const { events, attempts } = await shown(world, messageId)
    expect(events).toMatchObject([
      { type: 'failed', providerType: 'resolved_by_a_person', code: 'resolved_as_failed', source: 'person' },
    ])
    expect(attempts).toMatchObject([{ outcome: 'unknown', settledAs: 'failed' }])
    const failed = await world.call('GET', `/api/messages?status=failed&to=${encodeURIComponent(to)}`)
    expect(failed.body.messages).toHaveLength(1)
    expect(receivedBy(world, to)).toHaveLength(1)
  })

  test('wants it sent again: it is, once, and the timeline says that a person wanted it', async () => {
    const { to, messageId } = await unknown(way)
    const { status, body } = await resolve(messageId, 'retry')
    expect(status).toBe(200)
    expect(['queued', 'sending', 'unknown']).toContain(body.message.status)
    // Its story is the same again: accepted, and no answer.
    const { events, attempts } = await becomes(world, messageId, { status: 'unknown', attempts: 2 })
    expect(events).toMatchObject([{ type: 'queued', providerType: 'resolved_by_a_person', source: 'person' }])
    expect(attempts).toMatchObject([
      { outcome: 'unknown', settledAs: 'retry' },
      { outcome: 'unknown', settledAs: null },
    ])
    expect(receivedBy(world, to)).toHaveLength(2)
    // And can be settled again.
    expect(await resolve(messageId, 'sent')).toMatchObject({
      status: 200,
      body: { message: { status: 'sent' } },
    })
  })
})

test('a receipt that comes after all still counts', async () => {
  const { to, messageId } = await unknown(bySms)
  await resolve(messageId, 'sent')
  const [received] = receivedBy(world, to)
  const form = {
    ...twilioStatus({ entityId: received?.id ?? '', to }, 'delivered'),
    From: received?.from ?? '',
    To: to,
  }
  const callback = fromTwilio(form, { baseUrl: nowhere, path: `/webhooks/twilio-sms?m=${messageId}` })
  expect((await post(world.url, callback)).status).toBe(204)
  expect((await shown(world, messageId)).message).toMatchObject({
    status: 'delivered',
    providerMessageId: received?.id,
  })
})

describe('cancelled by a person', () => {
  let idle: World
  beforeAll(async () => {
    idle = await startDeafWorld({}, 600_000)
  })
  afterAll(() => idle.stop())

  test('before it is sent again: of unknown outcome once more, since the first may have gone out', async () => {
    const { body } = await send(idle, bySmtp, person(bySmtp, 'drop'))
    const messageId = String(body.messageId)
    const headers = await bearer(idle, 't1', true)
    const settle = (as: string) => idle.call('POST', `/api/messages/${messageId}/resolve`, { as }, headers)
    expect(await settle('retry')).toMatchObject({ status: 200, body: { message: { status: 'queued' } } })
    expect(await idle.call('POST', `/api/messages/${messageId}/cancel`)).toMatchObject({
      status: 200,
      body: { message: { status: 'unknown', nextAttemptAt: null } },
    })
    const { events, attempts } = await shown(idle, messageId)
    expect(attempts).toMatchObject([{ outcome: 'unknown', settledAs: 'retry' }])
    expect(events).toMatchObject([
      { type: 'queued', providerType: 'resolved_by_a_person', source: 'person' },
      { type: 'unknown', providerType: 'cancelled_by_a_person', source: 'person' },
    ])
    // And a person may still say what became of it.
    expect(await settle('failed')).toMatchObject({ status: 200, body: { message: { status: 'failed' } } })
    expect((await shown(idle, messageId)).attempts).toMatchObject([
      { outcome: 'unknown', settledAs: 'failed' },
    ])
  })

  test('while it is scheduled: cancelled, and its timeline says by whom', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const { body } = await send(idle, bySmtp, person(bySmtp, 'ok'), { sendAt })
    const messageId = String(body.messageId)
    expect(await idle.call('POST', `/api/messages/${messageId}/cancel`)).toMatchObject({
      body: { message: { status: 'cancelled' } },
    })
    expect((await shown(idle, messageId)).events).toMatchObject([
      { providerType: 'cancelled_by_a_person', source: 'person' },
    ])
  })
})

test('of two people who settle it at once, one is heard', async () => {
  for (const [one, other] of [
    ['sent', 'failed'],
    ['sent', 'retry'],
    ['failed', 'retry'],
  ] as const) {
    const { to, messageId } = await unknown()
    await Promise.all([resolve(messageId, one), resolve(messageId, other)])
    const [settled, ...others] = (await shown(world, messageId)).events
    expect(others).toEqual([])
    if (settled.type === 'queued') await becomes(world, messageId, { attempts: 2, status: 'unknown' })
    else await becomes(world, messageId, { attempts: 1, status: settled.type, nextAttemptAt: null })
    expect(receivedBy(world, to)).toHaveLength(settled.type === 'queued' ? 2 : 1)
  }
})

test('a token without the ops scope may not', async () => {
  const { messageId } = await unknown()
  expect(await resolve(messageId, 'sent', await bearer(world, 't1', false))).toMatchObject({ status: 403 })
  expect((await shown(world, messageId)).message.status).toBe('unknown')
})

test('another tenant’s message is not there; a token without a tenant settles everybody’s', async () => {
  const { messageId } = await unknown()
  expect(await resolve(messageId, 'failed', await bearer(world, 't2', true))).toMatchObject({
    status: 404,
    body: { error: { code: 'not_found' } },
  })
  expect((await shown(world, messageId)).message.status).toBe('unknown')
  expect((await resolve(messageId, 'sent', await bearer(world, undefined, true))).status).toBe(200)
})

test('what is known cannot be settled: 409 with its status', async () => {
  const known = await send(world, bySmtp, person(bySmtp, 'ok'))
  const { messageId } = await unknown()
  await resolve(messageId, 'failed')
  for (const [id, status] of [
    [known.body.messageId, 'sent'],
    [messageId, 'failed'],
  ])
    for (const as of ['sent', 'failed', 'retry'])
      expect(await resolve(id, as)).toMatchObject({
        status: 409,
        body: { error: { code: 'outcome_known', status } },
      })
  await comes(world, known.body.messageId)
  expect((await shown(world, known.body.messageId)).message.attempts).toBe(1)
})

test.each([{}, { as: 'delivered' }, { as: 'sent', more: 1 }, undefined])(
  '%o is not an answer: 400',
  async (body) => {
    const { messageId } = await unknown()
    const answer = await world.call('POST', `/api/messages/${messageId}/resolve`, body, ops)
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_params' } } })
  },
)
