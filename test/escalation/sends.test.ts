import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  becomes,
  byGreenapi,
  bySms,
  bySmtp,
  byTwilio,
  logged,
  person,
  receivedBy,
  send,
  shown,
} from '#support/sends.ts'
import { drained, fromSendgrid, knock } from '#support/signed.ts'
import { sendgridEvent } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
let clock = 0
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20, now: () => new Date(Date.now() + clock) })
})
afterAll(() => world.stop())

const sms = (to: string, more: object = {}) => ({
  action: 'sendSMS',
  params: { to, body: 'Votre RDV est demain.' },
  after: '15m',
  unless: 'delivered',
  ...more,
})

/** As if a step's time had come. */
async function itsTimeComes(messageId: string): Promise<void> {
  await drained(world.url)
  await world.database.query(
    `update escalation_steps set due_at = now() where escalation_id = $1 and state = 'waiting' and due_at is not null`,
    [messageId],
  )
}

/** Until the first step is in this state. */
function step(messageId: string, state: string, number = 1) {
  return vi.waitFor(
    async () => {
      const { escalation } = await shown(world, messageId)
      const found = escalation.steps.find((one: { number: number }) => one.number === number)
      expect(found).toMatchObject({ state })
      return found
    },
    { timeout: 10_000, interval: 20 },
  )
}

test('a step goes out when its time has come and its person was not reached; one answer tells by what', async () => {
  // Twilio has not taken it, and nobody knows: asked for, it is not there.
  const to = person(byTwilio, 'down')
  const other = person(bySms, 'ok')
  const { status, body } = await send(world, byTwilio, to, { escalate: [sms(other)] })
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'unknown' } })
  expect(receivedBy(world, other)).toEqual([])
  await itsTimeComes(body.messageId)
  const { messageId } = await step(body.messageId, 'sent')
  await becomes(world, messageId, { status: 'delivered', channel: 'sms', escalationId: body.messageId })
  expect(receivedBy(world, other)).toHaveLength(1)
  for (const id of [body.messageId, messageId])
    expect((await shown(world, id)).escalation).toMatchObject({
      id: body.messageId,
      reachedBy: { messageId, channel: 'sms', provider: 'twilio', at: expect.stringMatching(/Z$/) },
    })
})

test('a receipt that comes in time cancels it', async () => {
  const to = person(byTwilio, 'ok')
  const other = person(bySms, 'ok')
  const { body } = await send(world, byTwilio, to, { escalate: [sms(other)] })
  await becomes(world, body.messageId, { status: 'read' })
  expect(await step(body.messageId, 'cancelled')).toMatchObject({ reason: 'delivered', dueAt: null })
  expect(receivedBy(world, other)).toEqual([])
})

test('a step that waits for a reading is not cancelled by a delivery', async () => {
  const { body } = await send(world, bySms, person(bySms, 'ok'), {
    escalate: [{ ...sms(person(bySms, 'ok')), unless: 'read' }],
  })
  await becomes(world, body.messageId, { status: 'delivered' })
  expect(await step(body.messageId, 'waiting')).toMatchObject({ dueAt: expect.anything() })
})

test('a final failure sends the next step at once', async () => {
  const other = person(bySms, 'ok')
  const { body } = await send(world, byTwilio, person(byTwilio, 'undelivered'), {
    escalate: [sms(other)],
  })
  const { messageId } = await step(body.messageId, 'sent')
  await becomes(world, messageId, { status: 'delivered' })
  expect((await shown(world, body.messageId)).message).toMatchObject({ status: 'failed' })
})

test('a message that was refused at once is followed at once too', async () => {
  const other = person(bySms, 'ok')
  const refused = person(byGreenapi, 'refused')
  const more = { escalate: [sms(other)], idempotencyKey: refused }
  // Else it may be on its way before the refusal is answered.
  const steps = vi.spyOn(world.server.store, 'dueSteps').mockResolvedValue([])
  const { status, body } = await send(world, byGreenapi, refused, more)
  steps.mockRestore()
  expect(status).toBe(422)
  expect(body.error).toMatchObject({
    code: 'provider_rejected',
    message: expect.stringMatching(/; its escalation goes on by sms \(do not send it again yourself\)$/),
    escalation: {
      id: body.messageId,
      reachedBy: null,
      steps: [{ number: 1, channel: 'sms', state: 'waiting', reason: 'failed', messageId: null }],
    },
  })
  const { messageId } = await step(body.messageId, 'sent')
  // A step is called sent as soon as its message is reserved.
  await becomes(world, messageId, { status: 'delivered' })
  expect(receivedBy(world, other)).toHaveLength(1)
  const { escalation } = await shown(world, body.messageId)
  expect(Object.keys(body.error.escalation.steps[0]).sort()).toEqual(Object.keys(escalation.steps[0]).sort())
  const repeat = await send(world, byGreenapi, refused, more)
  expect(repeat).toMatchObject({ status: 422, body: { messageId: body.messageId, error: { escalation } } })
  expect(repeat.body.error.message).toContain('; its escalation went on by sms (')
})

test('while the database does not say what follows a refusal, its caller is told to ask before sending again', async () => {
  await world.database.query('alter function get_message rename to get_message_away')
  const more = { escalate: [sms(person(bySms, 'ok'))] }
  const { status, body } = await send(world, byGreenapi, person(byGreenapi, 'refused'), more)
  await world.database.query('alter function get_message_away rename to get_message')
  expect({ status, body }).toMatchObject({ status: 422, body: { error: { code: 'provider_rejected' } } })
  expect(body.error.message).toMatch(
    /; its escalation may go on \(ask for the message before you send it again/,
  )
  expect(body.error).not.toHaveProperty('escalation')
  await step(body.messageId, 'sent')
})

test('a message that comes too late is followed by nothing, and its refusal says so', async () => {
  const { status, body } = await send(world, bySms, person(bySms, 'ok'), {
    expiresAt: new Date(Date.now() - 1_000).toISOString(),
    escalate: [sms(person(bySms, 'ok'))],
  })
  expect({ status, body }).toMatchObject({
    status: 422,
    body: { error: { code: 'expired', providerCode: null, escalation: { steps: [{ state: 'cancelled' }] } } },
  })
  expect(body.error.message).toBe('expiresAt: its time had passed')
  expect(await step(body.messageId, 'cancelled')).toEqual(body.error.escalation.steps[0])
})

test('what the provider says when it is asked after a start cancels a step whose webhook was missed', async () => {
  const to = person(byTwilio, 'silent')
  const other = person(bySms, 'ok')
  const { body } = await send(world, byTwilio, to, { escalate: [sms(other)] })
  await becomes(world, body.messageId, { status: 'queued', providerMessageId: expect.anything() })
  await itsTimeComes(body.messageId)
  expect(await step(body.messageId, 'cancelled')).toMatchObject({ reason: 'delivered' })
  expect(receivedBy(world, other)).toEqual([])
})

test('never goes out on the channel whose outcome is unknown: the next step does', async () => {
  const { body } = await send(world, byTwilio, person(byTwilio, 'down'), {
    escalate: [
      {
        action: 'sendWhatsApp',
        params: { to: person(byGreenapi, 'ok'), body: 'Rappel', provider: 'greenapi' },
        after: '15m',
      },
      sms(person(bySms, 'ok')),
    ],
  })
  await itsTimeComes(body.messageId)
  await step(body.messageId, 'sent', 2)
  expect(await step(body.messageId, 'skipped')).toMatchObject({ reason: 'unknown_on_this_channel' })
})

test('the second step counts from the acceptance of the first', async () => {
  const { body } = await send(world, byTwilio, person(byTwilio, 'down'), {
    escalate: [
      sms(person(bySms, 'silent')),
      { action: 'sendEmail', params: { to: 'a@example.com', subject: 'Rappel', body: 'RDV' }, after: '1h' },
    ],
  })
  await itsTimeComes(body.messageId)
  const { messageId } = await step(body.messageId, 'sent')
  await becomes(world, messageId, { status: 'queued', providerMessageId: expect.anything() })
  const { dueAt } = await step(body.messageId, 'waiting', 2)
  const [accepted] = await world.database.query(
    `select floor(extract(epoch from ended_at) * 1000)::float8 as ended from message_attempts where message_id = $1 and number = 1`,
    [messageId],
  )
  expect(Date.parse(dueAt)).toBe(Number(accepted?.ended) + 3_600_000)
})

test('a cancelled first message takes its steps with it', async () => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  const { body } = await send(world, bySms, person(bySms, 'ok'), {
    sendAt,
    escalate: [sms(person(bySms, 'ok'))],
  })
  expect((await world.call('POST', `/api/messages/${body.messageId}/cancel`)).status).toBe(200)
  await step(body.messageId, 'cancelled')
})

test('a step whose channel has no provider is told so, and the next one goes', async () => {
  const { body } = await send(world, byTwilio, person(byTwilio, 'down'), {
    escalate: [
      {
        action: 'sendWhatsApp',
        params: { to: person(byGreenapi, 'ok'), body: 'Rappel', provider: 'carrier-pigeon' },
        after: '15m',
      },
      sms(person(bySms, 'ok')),
    ],
  })
  // On the same channel it would be skipped before it is tried: the first is given a known outcome.
  await world.call(
    'POST',
    `/api/messages/${body.messageId}/resolve`,
    { as: 'failed' },
    {
      Authorization: `Bearer ${await world.token('t1', { ops: true })}`,
    },
  )
  expect(await step(body.messageId, 'failed')).toMatchObject({ reason: 'invalid_params' })
  await step(body.messageId, 'sent', 2)
})

test('the same request with its key has one escalation', async () => {
  const to = person(bySms, 'silent')
  const more = { idempotencyKey: to, escalate: [sms(person(bySms, 'ok'))] }
  const [one, two] = [await send(world, bySms, to, more), await send(world, bySms, to, more)]
  expect(two.body).toEqual(one.body)
  expect((await shown(world, one.body.messageId)).escalation.steps).toHaveLength(1)
})

describe('for five minutes after a start, where the provider cannot be asked', () => {
  test('a step waits, and goes out when they are over', async () => {
    const other = person(bySms, 'ok')
    const { body } = await send(world, bySmtp, person(bySmtp, 'ok'), { escalate: [sms(other)] })
    await itsTimeComes(body.messageId)
    // Another, whose provider can be asked, goes out meanwhile: the worker has passed by.
    const asked = await send(world, byTwilio, person(byTwilio, 'down'), {
      escalate: [sms(person(bySms, 'ok'))],
    })
    await itsTimeComes(asked.body.messageId)
    const passed = await step(asked.body.messageId, 'sent')
    await becomes(world, passed.messageId, { status: 'delivered' })
    expect(receivedBy(world, other)).toEqual([])
    // A receipt that lies in the spool when they are over would begin them anew.
    await world.settled()
    clock = 5 * 60_000
    const { messageId } = await step(body.messageId, 'sent')
    await becomes(world, messageId, { status: 'delivered' })
    expect(receivedBy(world, other)).toHaveLength(1)
    await expect
      .poll(() => logged(world, 'escalation_step_sent').length, { timeout: 10_000 })
      .toBeGreaterThan(0)
  })

  test('a commit that was slow since does not begin them anew', async () => {
    const other = person(bySms, 'ok')
    const { body } = await send(world, bySmtp, person(bySmtp, 'ok'), { escalate: [sms(other)] })
    await world.settled()
    const busy = logged(world, 'database_busy').length
    const client = new pg.Client({ connectionString: world.database.url })
    await client.connect()
    await client.query('begin; lock table message_events in share mode')
    const told = sendgridEvent({ to: 'a@example.com' }, { event: 'delivered' })
    expect((await knock(world.url, fromSendgrid([told]))).status).toBe(200)
    expect(await (await fetch(`${world.url}/health/ready`)).text()).toContain('database: busy')
    await client.query('commit')
    await client.end()
    await drained(world.url)
    expect(logged(world, 'database_busy')).toHaveLength(busy + 1)
    expect(logged(world, 'database_away')).toEqual([])
    await itsTimeComes(body.messageId)
    await step(body.messageId, 'sent')
    expect(receivedBy(world, other)).toHaveLength(1)
  })
})
