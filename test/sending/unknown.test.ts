import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReceivedMessage } from '#sandbox/world.ts'
import {
  asked,
  becomes,
  byGreenapi,
  byResend,
  bySendgrid,
  bySms,
  bySmtp,
  byTwilio,
  comes,
  person,
  receivedBy,
  schedule,
  send,
  shown,
  type Way,
  ways,
} from '#support/sends.ts'
import {
  fromGreenapi,
  fromResend,
  fromSendgrid,
  fromTwilio,
  post,
  type SignedRequest,
} from '#support/signed.ts'
import { greenapiStatus, resendEvent, sendgridEvent, twilioStatus } from '#support/told.ts'
import type { World } from '#support/world.ts'
import { nowhere, startDeafWorld } from './deaf-world.ts'

let world: World
beforeAll(async () => {
  world = await startDeafWorld()
})
afterAll(() => world.stop())

/** A send that the provider has accepted without our knowing. */
async function lost(way: Way, story: string) {
  const to = person(way, story)
  const { status, body } = await send(world, way, to)
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'unknown', entityId: null } })
  const [received] = receivedBy(world, to)
  if (!received) throw new Error('the sandbox has not accepted it')
  return { to, messageId: String(body.messageId), entityId: received.id, received }
}

/** The worker has passed by: what was due after the message has gone out. */
async function aLaterRound(): Promise<void> {
  const messageId = await schedule(world, bySms, person(bySms, 'ok'))
  await comes(world, messageId)
  await becomes(world, messageId, { attempts: 1, nextAttemptAt: null, providerMessageId: expect.anything() })
}

const stories = ways.flatMap((way) =>
  ['timeout', 'drop'].map((story) => ({ way, story, name: `${way.action} by ${way.provider}, ${story}` })),
)

describe.concurrent('trial 19: accepted, and then no answer', () => {
  test.each(stories)(
    '$name: shown as unknown with its code and reason, and sent once',
    async ({ way, story }) => {
      const { to, messageId } = await lost(way, story)
      const { message, events, attempts } = await shown(world, messageId)
      expect(message).toMatchObject({
        status: 'unknown',
        attempts: 1,
        errorCode: expect.stringMatching(/./),
        errorMessage: expect.stringMatching(new RegExp(`^${way.provider}: .`)),
      })
      expect(attempts).toMatchObject([{ outcome: 'unknown', errorCode: message.errorCode }])
      expect(events).toEqual([])
      const unknown = await world.call('GET', `/api/messages?status=unknown&to=${encodeURIComponent(to)}`)
      expect(unknown.body.messages).toMatchObject([{ id: messageId }])
      if (way.provider !== 'resend') expect(message.nextAttemptAt).toBeNull()
      await aLaterRound()
      expect(receivedBy(world, to)).toHaveLength(1)
    },
  )

  test.each([
    ['timeout', byResend],
    ['drop', byResend],
  ])(
    'Resend, %s: sent again with the same key and body, it ends sent with one message there',
    async (story, way) => {
      const { to, messageId, entityId } = await lost(way, story)
      await comes(world, messageId)
      const { attempts } = await becomes(world, messageId, {
        status: 'sent',
        providerMessageId: entityId,
        errorCode: null,
        errorMessage: null,
        nextAttemptAt: null,
      })
      expect(attempts).toMatchObject([{ outcome: 'unknown' }, { outcome: 'accepted' }])
      expect(receivedBy(world, to)).toHaveLength(1)
    },
  )

  test('Resend: not sent again once it no longer recognises the key', async () => {
    const { to, messageId } = await lost(byResend, 'drop')
    await world.database.query(
      `update messages set created_at = now() - interval '1 day', queued_at = now() - interval '1 day' where id = $1`,
      [messageId],
    )
    await comes(world, messageId)
    await aLaterRound()
    expect((await shown(world, messageId)).message).toMatchObject({ status: 'unknown', attempts: 1 })
    expect(receivedBy(world, to)).toHaveLength(1)
  })
})

describe.concurrent('trial 19: a receipt that names our id settles an unknown outcome', () => {
  const receipts: [string, Way, (message: Told) => SignedRequest][] = [
    [
      'Twilio (WhatsApp), by ?m= of its callback',
      byTwilio,
      (told) => twilioCallback(told, twilioStatus(told, 'delivered')),
    ],
    [
      'Twilio (SMS), by ?m= of its callback',
      bySms,
      (told) =>
        twilioCallback(told, { ...twilioStatus(told, 'delivered'), From: told.received.from, To: told.to }),
    ],
    [
      'SendGrid, by its custom arguments',
      bySendgrid,
      (told) => fromSendgrid([sendgridEvent(told, { event: 'delivered', ...told.received.references })]),
    ],
    [
      'Resend, by its tags',
      byResend,
      (told) => fromResend(resendEvent(told, 'delivered', { tags: told.received.references })),
    ],
  ]

  test.each(receipts)('%s', async (_name, way, receipt) => {
    const told = await lost(way, 'drop')
    expect((await post(world.url, receipt(told))).status).toBeLessThan(300)
    const { message, events } = await shown(world, told.messageId)
    expect(message).toMatchObject({
      status: 'delivered',
      providerMessageId: told.entityId,
      errorCode: null,
      errorMessage: null,
      nextAttemptAt: null,
    })
    expect(events).toMatchObject([{ type: 'delivered', source: 'webhook', guessed: false }])
    await comes(world, told.messageId)
    await aLaterRound()
    expect((await shown(world, told.messageId)).message.attempts).toBe(1)
    expect(receivedBy(world, told.to)).toHaveLength(1)
  })

  test('Green-API’s names only its own id: kept, and applied when the look-up has found the message', async () => {
    const told = await lost(byGreenapi, 'drop')
    expect((await post(world.url, fromGreenapi(greenapiStatus(told, 'read')))).status).toBe(200)
    expect((await shown(world, told.messageId)).message.status).toBe('unknown')
    await asked(world, told.messageId)
    const { events } = await becomes(world, told.messageId, {
      status: 'read',
      providerMessageId: told.entityId,
    })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'read', source: 'webhook', guessed: false }),
    )
  })
})

describe('trial 19: presence at the provider settles an unknown outcome, absence never does', () => {
  test.each([
    ['Twilio (WhatsApp)', byTwilio, 'timeout'],
    ['Twilio (SMS)', bySms, 'drop'],
    ['Green-API', byGreenapi, 'timeout'],
  ])('%s has the message: it is settled', async (_name, way, story) => {
    const { to, messageId, entityId } = await lost(way, story)
    await asked(world, messageId)
    const { message, events } = await shown(world, messageId)
    expect(message).toMatchObject({ providerMessageId: entityId, errorCode: null, errorMessage: null })
    expect(['queued', 'sent', 'delivered', 'read']).toContain(message.status)
    expect(events.map(({ source }: { source: string }) => source)).toEqual(events.map(() => 'poll'))
    expect(receivedBy(world, to)).toHaveLength(1)
  })

  test.each([
    ['Twilio', bySms],
    ['Green-API', byGreenapi],
  ])('%s has no such message: it stays unknown and is not sent again', async (_name, way) => {
    const { messageId, to } = await neverTaken(way, person(way, 'ok'))
    await asked(world, messageId)
    expect((await shown(world, messageId)).message).toMatchObject({ status: 'unknown', attempts: 1 })
    expect(receivedBy(world, to)).toHaveLength(0)
  })

  test.each([bySmtp, bySendgrid])(
    '$provider cannot be asked: without a receipt it stays unknown',
    async (way) => {
      const { to, messageId } = await lost(way, 'timeout')
      expect((await shown(world, messageId)).message).toMatchObject({ nextAttemptAt: null })
      await asked(world, messageId)
      await aLaterRound()
      expect((await shown(world, messageId)).message).toMatchObject({ status: 'unknown', attempts: 1 })
      expect(receivedBy(world, to)).toHaveLength(1)
    },
  )

  test.each([
    ['Twilio (WhatsApp)', 'before', byTwilio],
    ['Twilio (WhatsApp)', 'after', byTwilio],
    ['Green-API', 'before', byGreenapi],
    ['Green-API', 'after', byGreenapi],
  ])('%s: one that was not taken is not taken for its twin, sent just %s it', async (_name, order, way) => {
    const to = person(way, 'ok')
    const other = order === 'before' ? await send(world, way, to) : undefined
    const { messageId } = await neverTaken(way, to)
    const twin = other ?? (await send(world, way, to))
    expect(twin.status).toBe(200)
    await asked(world, messageId)
    const { message, events } = await shown(world, messageId)
    expect(message).toMatchObject({ status: 'unknown', providerMessageId: null, attempts: 1 })
    expect(events).toEqual([])
    expect((await shown(world, twin.body.messageId)).message.providerMessageId).toBe(twin.body.entityId)
    expect(receivedBy(world, to)).toHaveLength(1)
  })
})

interface Told {
  messageId: string
  entityId: string
  to: string
  received: ReceivedMessage
}

/** Posted to the very URL that Twilio was given. */
function twilioCallback({ received }: Told, form: Record<string, string>): SignedRequest {
  const [given = ''] = (received.references.statusCallback ?? '').split('#')
  return fromTwilio(form, { baseUrl: nowhere, path: given.slice(nowhere.length) })
}

/** A send that met a provider which never answers, and which has not taken it. */
async function neverTaken(way: Way, to: string) {
  world.sandbox.outage({ provider: way.provider, kind: 'timeout', count: 1 })
  const { status, body } = await send(world, way, to)
  world.sandbox.endOutages()
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'unknown' } })
  return { messageId: String(body.messageId), to }
}
