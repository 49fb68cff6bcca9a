import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { anotherServer } from '#support/another-server.ts'
import {
  becomes,
  byGreenapi,
  byResend,
  bySms,
  comes,
  person,
  receivedBy,
  schedule,
  send,
  shown,
} from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

const hour = 3_600_000

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
})
afterAll(() => world.stop())

const aboutAppointment = { parentType: 'Meeting', parentId: 'm1' }

async function phone(state: 'authorized' | 'notAuthorized'): Promise<void> {
  await world.sandbox.setGreenapiState(state)
  await world.settled()
}

/** A WhatsApp message that waits for its phone. */
async function waiting(more: object = {}): Promise<{ to: string; messageId: string }> {
  await phone('notAuthorized')
  const to = person(byGreenapi, 'ok')
  const { status, body } = await send(world, byGreenapi, to, more)
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
  return { to, messageId: body.messageId }
}

/** As if this time had passed since it was asked for. */
const passed = (messageId: string, ms: number) =>
  world.database.query(
    `update messages
     set created_at = created_at - ago, expires_at = expires_at - ago, next_attempt_at = now()
     from make_interval(secs => $2) as ago
     where id = $1`,
    [messageId, ms / 1_000],
  )

/** How long it may wait from when it is due, and whether its caller said so. */
async function mayWait(messageId: string): Promise<[hours: number, byDefault: boolean]> {
  const { sendAt, createdAt, expiresAt, expiresByDefault } = (await shown(world, messageId)).message
  return [(Date.parse(expiresAt) - Date.parse(sendAt ?? createdAt)) / hour, expiresByDefault]
}

describe('a message that waits, and whose caller said no end', () => {
  test('is expired an hour later where it is a text to act on: told, and sent to nobody when the phone is back', async () => {
    const { to, messageId } = await waiting()
    await passed(messageId, hour - 60_000)
    await comes(world, messageId)
    expect((await shown(world, messageId)).message).toMatchObject({ status: 'queued' })
    await passed(messageId, 60_000)
    const { events } = await becomes(world, messageId, { status: 'failed', errorCode: 'expired' })
    expect(events).toMatchObject([{ type: 'failed', code: 'expired' }])
    await phone('authorized')
    expect(receivedBy(world, to)).toEqual([])
  })

  test('may wait for a day where it is about an appointment, by whatever channel', async () => {
    const { messageId } = await waiting(aboutAppointment)
    expect(await mayWait(messageId)).toEqual([24, true])
    await phone('authorized')
    const { body } = await send(world, byResend, person(byResend, 'ok'), aboutAppointment)
    expect(await mayWait(body.messageId)).toEqual([24, true])
  })

  test('may wait for two days where it is another email, and what is about a case is not a reminder', async () => {
    const { body } = await send(world, byResend, person(byResend, 'ok'))
    expect(await mayWait(body.messageId)).toEqual([48, true])
    const about = { parentType: 'Case', parentId: 'c1' }
    const text = await send(world, bySms, person(bySms, 'ok'), about)
    expect(await mayWait(text.body.messageId)).toEqual([1, true])
  })

  test('waits so long from when it is due, not from when it was asked for', async () => {
    const messageId = await schedule(world, bySms, person(bySms, 'ok'))
    expect(await mayWait(messageId)).toEqual([1, true])
    const past = { sendAt: new Date(Date.now() - 10 * hour).toISOString() }
    const { status, body } = await send(world, bySms, person(bySms, 'ok'), past)
    expect({ status, body }).toMatchObject({ status: 200 })
  })

  test('is followed by the next step of its escalation, which has an hour of its own', async () => {
    const other = person(bySms, 'ok')
    const params = { to: other, body: 'Votre code est prêt.' }
    const escalate = [{ action: 'sendSMS', params, after: '15m', unless: 'delivered' }]
    const { messageId } = await waiting({ escalate })
    await passed(messageId, hour)
    await becomes(world, messageId, { status: 'failed', errorCode: 'expired' })
    await expect.poll(() => receivedBy(world, other).length, { timeout: 10_000 }).toBe(1)
    const { escalation } = await shown(world, messageId)
    expect(escalation.steps).toMatchObject([{ state: 'sent', reason: 'failed' }])
    expect(await mayWait(escalation.steps[0].messageId)).toEqual([1, true])
    await phone('authorized')
  })

  test('waits as long once more each time that a person revives it', async () => {
    const { messageId } = await waiting()
    const ops = { Authorization: `Bearer ${await world.token('t1', { ops: true })}` }
    for (const _time of [1, 2]) {
      await passed(messageId, hour)
      await becomes(world, messageId, { status: 'failed', errorCode: 'expired' })
      const revivedAt = Date.now()
      const { status } = await world.call('POST', `/api/dead-letters/${messageId}/replay`, undefined, ops)
      expect(status).toBe(202)
      const { expiresAt } = (await shown(world, messageId)).message
      expect(Math.abs(Date.parse(expiresAt) - revivedAt - hour)).toBeLessThan(10_000)
    }
    await phone('authorized')
    await becomes(world, messageId, { status: 'read' })
  })
})

test('what its caller says outranks it, and ends the escalation', async () => {
  const other = person(bySms, 'ok')
  const params = { to: other, body: 'Votre code est prêt.' }
  const escalate = [{ action: 'sendSMS', params, after: '15m', unless: 'delivered' }]
  const expiresAt = new Date(Date.now() + 5 * hour).toISOString()
  const { messageId } = await waiting({ expiresAt, escalate })
  expect((await shown(world, messageId)).message).toMatchObject({ expiresAt, expiresByDefault: false })
  await passed(messageId, 5 * hour)
  await becomes(world, messageId, { status: 'failed', errorCode: 'expired' })
  expect((await shown(world, messageId)).escalation.steps).toMatchObject([{ state: 'cancelled' }])
  expect(receivedBy(world, other)).toEqual([])
  await phone('authorized')
})

test('variables say how long, for each purpose', async () => {
  const environment = { EXPIRY_REMINDER: '3h', EXPIRY_TEXT: '10m', EXPIRY_EMAIL: '1d' }
  const other = await startWorld({ environment })
  onTestFinished(() => other.stop())
  const ages = [
    [bySms, aboutAppointment, 3 * hour],
    [bySms, {}, hour / 6],
    [byResend, {}, 24 * hour],
  ] as const
  for (const [way, more, age] of ages) {
    const { body } = await send(other, way, person(way, 'ok'), more)
    const { createdAt, expiresAt } = (await shown(other, body.messageId)).message
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(age)
  }
})

describe('a provider that is off when its message is due', () => {
  /** A world in which messages wait for Green-API's phone, until a server without Green-API stands in its place. */
  async function turnedOff(environment: Record<string, string>, after: Record<string, string> = {}) {
    const before = await startWorld({ workerEveryMs: 20, environment })
    onTestFinished(() => before.stop())
    await before.sandbox.setGreenapiState('notAuthorized')
    await before.settled()
    const to = person(byGreenapi, 'ok')
    const scheduled = new Date(Date.now() + hour).toISOString()
    const { status, body } = await before.action('sendWhatsApp', { to, body: 'Bonjour', sendAt: scheduled })
    expect({ status, body }).toMatchObject({ status: 202, body: { provider: 'greenapi' } })
    await before.server.stop()
    before.server.stop = async () => {}
    const off = { GREEN_API_INSTANCE_ID: '', GREEN_API_TOKEN: '', GREEN_API_WEBHOOK_TOKEN: '' }
    const server = await anotherServer(before, { instead: true, environment: { ...off, ...after } })
    onTestFinished(() => server.stop())
    await comes(before, body.messageId)
    return { world: before, messageId: String(body.messageId), to }
  }

  test('fails it at once and says why, whatever the provider last said of itself', async () => {
    const { world: now, messageId, to } = await turnedOff({ WHATSAPP_PROVIDER: 'greenapi' })
    const { events } = await becomes(now, messageId, { status: 'failed', errorCode: 'provider_off' })
    expect(events).toMatchObject([{ type: 'failed', reason: 'its provider is off' }])
    expect(receivedBy(now, to)).toEqual([])
  })

  test('leaves it to the one that takes over, which is the only one now', async () => {
    const environment = { WHATSAPP_PROVIDER: 'greenapi', WHATSAPP_FALLBACK: 'twilio' }
    const after = { WHATSAPP_PROVIDER: 'twilio', WHATSAPP_FALLBACK: '' }
    const { world: now, messageId, to } = await turnedOff(environment, after)
    const { message, attempts } = await becomes(now, messageId, { provider: 'twilio', status: 'read' })
    expect(message.warnings).toContain('failed_over_from_greenapi')
    expect(attempts).toMatchObject([{ provider: 'twilio', outcome: 'accepted' }])
    expect(receivedBy(now, to)).toHaveLength(1)
  })
})
