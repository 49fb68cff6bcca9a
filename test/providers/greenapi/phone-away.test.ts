import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  becomes,
  byGreenapi,
  byTwilio,
  comes,
  logged,
  person,
  receivedBy,
  send,
  shown,
} from '#support/sends.ts'
import { fromGreenapi, post } from '#support/signed.ts'
import { greenapiNotification } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let aheadMs = 0
let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20, now: () => new Date(Date.now() + aheadMs) })
  await vi.waitFor(async () => expect(await polls()).toBeGreaterThan(0), { timeout: 10_000 })
})
afterAll(() => world.stop())
afterEach(() => phone('authorized'))

const polls = async () => {
  const rows = await world.database.query(
    `select from message_events where provider_type = 'getStateInstance' and source = 'poll'`,
  )
  return rows.length
}
const lines = (fact: string) => logged(world, fact).map(({ provider, state }) => ({ provider, state }))

async function phone(state: Parameters<World['sandbox']['setGreenapiState']>[0]): Promise<void> {
  await world.sandbox.setGreenapiState(state)
  await world.settled()
}

/** The phone goes away, and Green-API takes a message before we have heard of it. */
async function heldBack(more: object = {}): Promise<{ to: string; messageId: string }> {
  const to = person(byGreenapi, 'ok')
  world.sandbox.setBaseUrl('http://127.0.0.1:9')
  expect(await world.sandbox.setGreenapiState('notAuthorized')).toBeNull()
  const { status, body } = await send(world, byGreenapi, to, more)
  expect(status).toBe(200)
  expect(receivedBy(world, to)).toHaveLength(1)
  return { to, messageId: body.messageId }
}

/** Its notifications reach us again. It tells its state once more: the sandbox gives up after a second. */
async function heard(): Promise<void> {
  world.sandbox.setBaseUrl(world.url)
  await phone('notAuthorized')
  expect(await closed()).toBe(true)
}

async function closed(): Promise<boolean> {
  const [row] = await world.database.query(`select not open as closed from provider_states`)
  return row?.closed === true
}

const awayFor = (minutes: number) =>
  world.database.query(`update provider_states set closed_at = now() - make_interval(mins => $1)`, [minutes])

describe.each(['notAuthorized', 'blocked', 'yellowCard', 'suspended', 'starting'] as const)('%s', (state) => {
  test('stops the sends of Green-API and of nobody else, alerts once, and what waited goes out after it', async () => {
    const before = { stopped: lines('provider_stopped').length, resumed: lines('provider_resumed').length }
    await phone(state)
    const to = person(byGreenapi, 'ok')
    const { status, body } = await send(world, byGreenapi, to)
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
    expect((await shown(world, body.messageId)).message).toMatchObject({ errorCode: state })
    expect((await send(world, byTwilio, person(byTwilio, 'ok'))).status).toBe(200)
    await send(world, byGreenapi, person(byGreenapi, 'silent'))
    expect(lines('provider_stopped').slice(before.stopped)).toEqual([{ provider: 'greenapi', state }])

    await comes(world, body.messageId)
    expect(receivedBy(world, to)).toEqual([])
    await phone('authorized')
    await becomes(world, body.messageId, { status: 'read', errorCode: null })
    expect(receivedBy(world, to)).toHaveLength(1)
    expect(lines('provider_resumed').slice(before.resumed)).toEqual([
      { provider: 'greenapi', state: 'authorized' },
    ])
  })
})

describe('what Green-API holds back', () => {
  test('is taken back after ten minutes, failed as cleared, and does not go out when the phone is back', async () => {
    const first = await heldBack()
    const second = await heldBack()
    await heard()
    await awayFor(9)
    expect((await shown(world, first.messageId)).message).toMatchObject({ status: 'queued' })
    await awayFor(11)
    for (const { messageId } of [first, second]) {
      const { events } = await becomes(world, messageId, { status: 'failed', errorCode: 'cleared' })
      expect(events).toMatchObject([
        { type: 'queued', source: 'send' },
        { type: 'failed', providerType: 'cleared', source: 'poll' },
      ])
    }
    expect(logged(world, 'queue_cleared')).toMatchObject([
      { level: 'warn', provider: 'greenapi', messages: 2 },
    ])
    await phone('authorized')
    for (const { messageId } of [first, second]) {
      const { message, events } = await shown(world, messageId)
      expect(message).toMatchObject({ status: 'failed', sentAt: null })
      expect(events).toHaveLength(2)
    }
  })

  test('is taken back at once where its time has passed', async () => {
    const { messageId } = await heldBack({
      expiresAt: new Date(Date.now() + aheadMs + 3_600_000).toISOString(),
    })
    await heard()
    await world.database.query(`update messages set expires_at = now() - interval '1 second' where id = $1`, [
      messageId,
    ])
    await becomes(world, messageId, { status: 'failed', errorCode: 'cleared' })
  })

  test('goes out when the phone is back before that', async () => {
    const { messageId } = await heldBack()
    await heard()
    await phone('authorized')
    await becomes(world, messageId, { status: 'read' })
  })

  test('is left where the phone is back and only its word is missing, which is asked for', async () => {
    const cleared = logged(world, 'queue_cleared').length
    const { status, body } = await send(world, byGreenapi, person(byGreenapi, 'silent'))
    expect(status).toBe(200)
    const minuteAgo = Math.floor(Date.now() / 1_000) - 60
    await world.database.query(`update provider_states set changed_at = now() - interval '1 hour'`)
    const away = { ...greenapiNotification('stateInstanceChanged'), stateInstance: 'starting' }
    expect((await post(world.url, fromGreenapi({ ...away, timestamp: minuteAgo }))).status).toBe(200)
    expect(await closed()).toBe(true)
    await awayFor(11)
    await vi.waitFor(async () => expect(await closed()).toBe(false), { timeout: 10_000 })
    expect((await shown(world, body.messageId)).message).toMatchObject({ status: 'queued' })
    expect(logged(world, 'queue_cleared')).toHaveLength(cleared)
  })
})

test('once an hour the state is asked for: a phone whose going nobody told is not written to', async () => {
  await world.database.query(`update provider_states set changed_at = now() - interval '1 hour'`)
  world.sandbox.setBaseUrl('http://127.0.0.1:9')
  await world.sandbox.setGreenapiState('blocked')
  // As if Green-API had given up telling it.
  await world.sandbox.idle()
  world.sandbox.setBaseUrl(world.url)
  expect(await closed()).toBe(false)
  aheadMs += 3_600_000
  await vi.waitFor(async () => expect(await closed()).toBe(true), { timeout: 10_000 })
  const { status, body } = await send(world, byGreenapi, person(byGreenapi, 'ok'))
  expect(status).toBe(202)
  expect((await shown(world, body.messageId)).message).toMatchObject({ errorCode: 'blocked' })
})
