import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  becomes,
  byGreenapi,
  bySendgrid,
  bySms,
  byTwilio,
  comes,
  person,
  receivedBy,
  schedule,
  send,
  shown,
} from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
})
afterAll(() => world.stop())

const sms = (to: string, more: object = {}) => ({
  action: 'sendSMS',
  params: { to, body: 'Votre RDV est demain.' },
  after: '15m',
  ...more,
})
const cancel = (id: string) => world.call('POST', `/api/messages/${id}/cancel`)

/** A WhatsApp message that went out and of which nothing more is told, and a step that waits. */
async function waiting(to = person(byTwilio, 'silent'), other = to) {
  const { status, body } = await send(world, byTwilio, to, { escalate: [sms(other)] })
  expect({ status, body }).toMatchObject({ status: 200, body: { status: 'queued' } })
  return { messageId: body.messageId as string, to, other, body }
}

/** Until the group is stopped, by this. */
async function stopped(messageId: string, because: string) {
  await world.settled()
  const { escalation } = await shown(world, messageId)
  expect(escalation).toMatchObject({
    stopped: because,
    steps: [{ state: 'cancelled', reason: because, dueAt: null }],
  })
}

async function goesOn(messageId: string) {
  await world.settled()
  const { escalation } = await shown(world, messageId)
  expect(escalation).toMatchObject({ stopped: null, steps: [{ state: 'waiting' }] })
}

describe('a send says which steps stand, and when', () => {
  test('of a message that went out, and of its repeat', async () => {
    const to = person(byTwilio, 'silent')
    const more = { idempotencyKey: to, escalate: [sms(to), sms(to, { after: '2h', unless: 'read' })] }
    const first = await send(world, byTwilio, to, more)
    const [ended] = await world.database.query(
      `select floor(extract(epoch from ended_at) * 1000)::float8 as at from message_attempts where message_id = $1`,
      [first.body.messageId],
    )
    expect(first.body.escalation).toEqual({
      id: first.body.messageId,
      reachedBy: null,
      stopped: null,
      steps: [
        {
          number: 1,
          channel: 'sms',
          unless: 'delivered',
          afterSeconds: 900,
          state: 'waiting',
          reason: 'time',
          dueAt: new Date(Number(ended?.at) + 900_000).toISOString(),
          messageId: null,
        },
        {
          number: 2,
          channel: 'sms',
          unless: 'read',
          afterSeconds: 7_200,
          state: 'waiting',
          reason: null,
          dueAt: null,
          messageId: null,
        },
      ],
    })
    expect((await send(world, byTwilio, to, more)).body).toEqual(first.body)
  })

  test('of one that is scheduled; one without steps has no escalation', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const { body } = await send(world, byTwilio, person(byTwilio, 'ok'), {
      sendAt,
      escalate: [sms(person(bySms, 'ok'))],
    })
    expect(body).toMatchObject({
      status: 'scheduled',
      escalation: { steps: [{ state: 'waiting', dueAt: null }] },
    })
    expect((await send(world, byTwilio, person(byTwilio, 'ok'))).body).not.toHaveProperty('escalation')
  })

  test('not while the database does not tell, which holds nobody up for long', async () => {
    await world.database.query('alter function get_message rename to get_message_away')
    const { status, body } = await send(world, byTwilio, person(byTwilio, 'silent'), {
      escalate: [sms(person(bySms, 'ok'))],
    })
    await world.database.query('alter function get_message_away rename to get_message')
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('escalation')
    await cancel(body.messageId)
  })
})

describe('an escalation stops by itself', () => {
  test('when its person answers, on any channel and from any address of the group', async () => {
    const { messageId, to } = await waiting()
    await world.sandbox.say({ channel: 'whatsapp', from: to, text: 'Non' })
    await stopped(messageId, 'answered')
    const other = await waiting(person(byTwilio, 'silent'), person(bySms, 'ok'))
    await world.sandbox.say({ channel: 'sms', from: other.other, text: 'Bien reçu' })
    await stopped(other.messageId, 'answered')
    expect(receivedBy(world, other.other)).toEqual([])
  })

  test('not when somebody else answers, and not by what its person wrote before it', async () => {
    const to = person(byTwilio, 'silent')
    await world.sandbox.say({ channel: 'whatsapp', from: to, text: 'Bonjour' })
    await world.settled()
    // A provider whose clock tells whole seconds says nothing more exact than that.
    await world.database.query(`update message_events set occurred_at = occurred_at - interval '2 seconds'
      where type = 'received'`)
    const { messageId } = await waiting(to)
    await world.sandbox.say({ channel: 'whatsapp', from: person(byTwilio, 'ok'), text: 'Non' })
    await goesOn(messageId)
  })

  test('not by an answer to another tenant, but by what says STOP to whomever', async () => {
    const { messageId, to } = await waiting()
    const bearer = { Authorization: `Bearer ${await world.token('t2')}` }
    const params = { to, body: 'Bonjour', provider: 'twilio' }
    await world.call('POST', '/api/max/actions', { action: 'sendSMS', params }, bearer)
    await world.sandbox.say({ channel: 'sms', from: to, text: 'Oui' })
    await goesOn(messageId)
    await world.sandbox.say({ channel: 'sms', from: to, text: 'STOP' })
    await stopped(messageId, 'opted_out')
  })

  test('when they say STOP before its first message went out, which does not either', async () => {
    const to = person(byTwilio, 'ok')
    const messageId = await schedule(world, byTwilio, to, { escalate: [sms(to)] })
    await world.sandbox.say({ channel: 'sms', from: to, text: 'Bonjour' })
    await goesOn(messageId)
    await world.sandbox.say({ channel: 'sms', from: to, text: 'STOP' })
    await stopped(messageId, 'opted_out')
    expect((await shown(world, messageId)).message).toMatchObject({
      status: 'cancelled',
      nextAttemptAt: null,
    })
  })

  test('when they complain', async () => {
    const { body } = await send(world, bySendgrid, person(bySendgrid, 'spam'), {
      escalate: [sms(person(bySms, 'ok'), { unless: 'read' })],
    })
    await becomes(world, body.messageId, { status: 'complained' })
    await stopped(body.messageId, 'complained')
  })

  test('not when an address is dead: then the next step goes out', async () => {
    const other = person(bySms, 'ok')
    const { body } = await send(world, bySendgrid, person(bySendgrid, 'bounce'), { escalate: [sms(other)] })
    await vi.waitFor(() => expect(receivedBy(world, other)).toHaveLength(1), {
      timeout: 10_000,
      interval: 20,
    })
    expect((await shown(world, body.messageId)).escalation.stopped).toBeNull()
  })
})

describe('cancel on any message of an escalation', () => {
  test('that went out takes back what follows it, and says so', async () => {
    const { messageId, other } = await waiting(person(byTwilio, 'silent'), person(bySms, 'ok'))
    const { status, body } = await cancel(messageId)
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        message: { id: messageId, status: 'queued' },
        escalation: { stopped: 'cancelled', steps: [{ state: 'cancelled', reason: 'cancelled' }] },
      },
    })
    expect(await cancel(messageId)).toMatchObject({ status: 409, body: { error: { code: 'too_late' } } })
    expect(receivedBy(world, other)).toEqual([])
  })

  test('of another tenant is not found', async () => {
    const { messageId } = await waiting()
    const bearer = { Authorization: `Bearer ${await world.token('t2')}` }
    const answer = await world.call('POST', `/api/messages/${messageId}/cancel`, undefined, bearer)
    expect(answer.status).toBe(404)
    await goesOn(messageId)
  })
})

// At the end: Twilio asks all that follows to wait.
describe('a step that waits for its next attempt', () => {
  test('does not go out any more where its person says STOP', async () => {
    const other = person(bySms, 'busy')
    const { body } = await send(world, byGreenapi, person(byGreenapi, 'refused'), { escalate: [sms(other)] })
    const step = await vi.waitFor(
      async () => {
        const [found] = (await shown(world, body.messageId)).escalation.steps
        const { message } = await shown(world, found.messageId)
        expect(message).toMatchObject({ status: 'queued', nextAttemptAt: expect.anything() })
        return message
      },
      { timeout: 10_000, interval: 20 },
    )
    await world.sandbox.say({ channel: 'sms', from: other, text: 'STOP' })
    await stopped(body.messageId, 'opted_out')
    await comes(world, step.id)
    expect((await shown(world, step.id)).message).toMatchObject({ status: 'cancelled' })
  })

  test('is taken back with the steps after it', async () => {
    const other = person(bySms, 'busy')
    const { body } = await send(world, byGreenapi, person(byGreenapi, 'refused'), {
      escalate: [sms(other), sms(person(bySms, 'ok'))],
    })
    await vi.waitFor(
      async () => {
        const [found] = (await shown(world, body.messageId)).escalation.steps
        expect((await shown(world, found.messageId)).message).toMatchObject({ status: 'queued' })
      },
      { timeout: 10_000, interval: 20 },
    )
    const answer = await cancel(body.messageId)
    expect(answer).toMatchObject({ status: 200, body: { message: { status: 'rejected' } } })
    const { steps } = answer.body.escalation
    expect(steps).toMatchObject([
      { state: 'cancelled', reason: 'cancelled' },
      { state: 'cancelled', reason: 'cancelled' },
    ])
    expect((await shown(world, steps[0].messageId)).message).toMatchObject({ status: 'cancelled' })
  })
})
