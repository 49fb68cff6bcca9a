import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { becomes, byGreenapi, bySms, byTwilio, person, receivedBy, send, shown } from '#support/sends.ts'
import { drained } from '#support/signed.ts'
import { startWorld, type World } from '#support/world.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** The clock of this process, server and sandbox, is wrong by so much; the database's is not. */
function clockIsOff(ms: number): void {
  vi.useRealTimers()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
}

afterEach(() => void vi.useRealTimers())

describe('a process whose clock is not the database’s', () => {
  let api: FakeApi
  let world: World
  beforeAll(async () => {
    api = await startFakeApi()
    world = await startWorld({ workerEveryMs: 10, environment: api.environment })
  })
  afterEach(() => {
    api.meanwhile = () => {}
  })
  afterAll(async () => {
    await world.stop()
    await api.away()
  })

  test('twenty minutes behind, waits after a 429 as long as any other', async () => {
    api.replies.set('twilio', { status: 429, body: { code: 20429 } })
    clockIsOff(-20 * minute)
    const { status, body } = await send(world, bySms, person(bySms, 'ok'))
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
    const [row] = await world.database.query(
      'select extract(epoch from next_attempt_at - now())::float as ahead from messages where id = $1',
      [body.messageId],
    )
    expect(Number(row?.ahead)).toBeGreaterThan(5)
    expect(Number(row?.ahead)).toBeLessThan(20)
    // Some rounds later it is still the first.
    const sends = () => api.calls('twilio').filter(({ body: sent }) => sent !== '')
    const again = () => {
      expect(sends().length).toBeGreaterThan(1)
    }
    await expect(vi.waitFor(again, { timeout: 500, interval: 10 })).rejects.toThrow()
    expect((await shown(world, body.messageId)).attempts).toHaveLength(1)
  })

  test('twenty minutes behind, lets a text wait an hour, as any other', async () => {
    clockIsOff(-20 * minute)
    const { body } = await send(world, bySms, person(bySms, 'ok'))
    const [row] = await world.database.query(
      'select extract(epoch from expires_at - created_at)::float as seconds from messages where id = $1',
      [body.messageId],
    )
    expect(row?.seconds).toBe(3_600)
  })

  test.each([
    { what: 'by our own rule', expiresAt: undefined },
    { what: 'as its caller says', expiresAt: new Date(Date.now() + hour).toISOString() },
  ])('that jumps a day ahead during a send ends no message $what before its time', async ({ expiresAt }) => {
    api.replies.set('twilio', { status: 429, body: { code: 20429 } })
    api.meanwhile = ({ body: sent }) => {
      if (sent !== '') clockIsOff(day)
    }
    const { body } = await send(world, bySms, person(bySms, 'ok'), { expiresAt })
    expect(body).toMatchObject({ success: true, status: 'queued' })
    const [row] = await world.database.query(
      'select extract(epoch from next_attempt_at - now())::float as ahead from messages where id = $1',
      [body.messageId],
    )
    expect(Number(row?.ahead)).toBeGreaterThan(5)
    expect(Number(row?.ahead)).toBeLessThan(20)
  })
})

describe('a process whose clock is ahead', () => {
  let world: World
  beforeAll(async () => {
    clockIsOff(day)
    world = await startWorld({ workerEveryMs: 20 })
  })
  afterAll(() => world.stop())

  test('sends a further step no sooner than any other', async () => {
    clockIsOff(20 * minute)
    const other = person(bySms, 'ok')
    const params = { to: other, body: 'Votre RDV est demain.' }
    const { body } = await send(world, byTwilio, person(byTwilio, 'down'), {
      escalate: [{ action: 'sendSMS', params, after: '15m' }],
    })
    await becomes(world, body.messageId, { status: 'unknown' })
    await drained(world.url)
    const sentAlready = () => {
      expect(receivedBy(world, other)).not.toEqual([])
    }
    await expect(vi.waitFor(sentAlready, { timeout: 500, interval: 10 })).rejects.toThrow()
    // Its time comes where the database says so.
    await world.database.query('update escalation_steps set due_at = now() where escalation_id = $1', [
      body.messageId,
    ])
    await vi.waitFor(sentAlready, { timeout: 10_000 })
  })

  test('by a day, for a moment, leaves no provider closed and nobody suppressed for a day', async () => {
    clockIsOff(day)
    await world.sandbox.setGreenapiState('notAuthorized')
    const to = person(byGreenapi, 'ok')
    await world.sandbox.say({ channel: 'whatsapp', provider: 'greenapi', from: to, text: 'STOP' })
    await world.settled()
    expect((await send(world, byGreenapi, to)).status).toBe(422)
    expect((await send(world, byGreenapi, person(byGreenapi, 'ok'))).body.status).toBe('queued')
    vi.useRealTimers()
    // As if some seconds had passed: within one second, in doubt nothing is taken back.
    await world.database.query(`update suppressions set withdrawn_at = withdrawn_at - interval '5 seconds'`)
    await world.database.query(`update provider_states set changed_at = changed_at - interval '5 seconds'`)
    await world.sandbox.setGreenapiState('authorized')
    await world.sandbox.say({ channel: 'whatsapp', provider: 'greenapi', from: to, text: 'START' })
    await world.settled()
    expect((await send(world, byGreenapi, to)).status).toBe(200)
  })
})
