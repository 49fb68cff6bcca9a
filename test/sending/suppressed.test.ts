import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  becomes,
  byGreenapi,
  byResend,
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
import { fromGreenapi, post } from '#support/signed.ts'
import { greenapiInbound } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
})
afterAll(() => world.stop())

async function says(way: typeof bySms | typeof byTwilio | typeof byGreenapi, from: string, text: string) {
  const channel = way.action === 'sendSMS' ? 'sms' : 'whatsapp'
  const said = await world.sandbox.say({ channel, provider: way.provider, from, text })
  expect(said).toMatchObject({ status: expect.any(Number) })
  await world.settled()
}

describe.each([bySms, byTwilio, byGreenapi])('whoever writes STOP to $action by $provider', (way) => {
  test('is not written to on that channel any more, until START; the message is kept as such', async () => {
    const to = person(way, 'ok')
    await says(way, to, 'STOP')
    const { status, body } = await send(world, way, to)
    expect({ status, body }).toMatchObject({
      status: 422,
      body: {
        messageId: expect.anything(),
        error: {
          code: 'suppressed',
          provider: way.provider,
          providerCode: null,
          message: `to: this address is not to be written to on ${way.action === 'sendSMS' ? 'sms' : 'whatsapp'}: they wrote STOP (a START from them ends it)`,
        },
      },
    })
    expect((await shown(world, body.messageId)).message).toMatchObject({
      status: 'rejected',
      errorCode: 'suppressed',
    })
    expect(receivedBy(world, to)).toEqual([])
    // Green-API's clock shows whole seconds: in the second of the STOP, a START lifts nothing.
    await vi.waitFor(async () => {
      await says(way, to, 'START')
      expect((await send(world, way, to)).status).toBe(200)
    }, 10_000)
  })

  test('trial 27: is not written to by what was scheduled before', async () => {
    const to = person(way, 'ok')
    const messageId = await schedule(world, way, to)
    await says(way, to, 'Stop !')
    await comes(world, messageId)
    await becomes(world, messageId, { status: 'rejected', errorCode: 'suppressed' })
    expect(receivedBy(world, to)).toEqual([])
  })
})

test.each([
  [
    'in one second',
    [
      ['STOP', -60],
      ['START', -60],
    ],
    422,
  ],
  [
    'a second apart',
    [
      ['STOP', -60],
      ['START', -59],
    ],
    200,
  ],
  [
    'first START, by a clock that is ahead, then STOP',
    [
      ['START', 240],
      ['STOP', 0],
    ],
    422,
  ],
] as const)(
  'a person who said STOP and START %s is written to only where START was surely the later',
  async (_how, said, status) => {
    const to = person(byGreenapi, 'ok')
    const now = Math.floor(Date.now() / 1_000)
    for (const [text, seconds] of said) {
      const told = fromGreenapi({ ...greenapiInbound(to, text), timestamp: now + seconds })
      expect((await post(world.url, told)).status).toBe(200)
    }
    expect((await send(world, byGreenapi, to)).status).toBe(status)
  },
)

test('whoever complains of an email gets no other', async () => {
  const to = person(bySendgrid, 'spam')
  const { body } = await send(world, bySendgrid, to)
  await becomes(world, body.messageId, { status: 'complained' })
  expect(await send(world, bySendgrid, to)).toMatchObject({
    status: 422,
    body: {
      error: { code: 'suppressed', message: expect.stringContaining('they complained of a message (') },
    },
  })
})

test('a number that does not exist is tried once', async () => {
  const to = person(bySms, 'no-account')
  const { body } = await send(world, bySms, to)
  await becomes(world, body.messageId, { status: 'failed', errorCode: '30005', bounceClass: 'hard' })
  const message = expect.stringMatching(/nobody has it or .*\(30005\) \(a START .*correct it in the CRM; /)
  expect(await send(world, bySms, to)).toMatchObject({
    status: 422,
    body: { error: { code: 'suppressed', message } },
  })
  expect((await send(world, byTwilio, to)).status).toBe(200)
})

test('another person, and another channel, are not concerned', async () => {
  const to = person(bySms, 'ok')
  await says(bySms, to, 'STOP')
  expect((await send(world, byTwilio, to)).status).toBe(200)
  expect((await send(world, bySms, person(bySms, 'ok'))).status).toBe(200)
})

test.each([bySendgrid, byResend])(
  'after five mails by $provider that came back for now nobody writes to an address, until it is released',
  async (way) => {
    const to = person(way, 'full')
    for (let count = 0; count < 5; count += 1) {
      const { body } = await send(world, way, to)
      await becomes(world, body.messageId, { status: 'bounced', bounceClass: 'soft' })
      await world.settled()
    }
    expect(await send(world, way, to)).toMatchObject({
      status: 422,
      body: {
        error: { code: 'suppressed', message: expect.stringContaining('came back one after another') },
      },
    })
    const ops = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
    const release = { channel: 'email', address: to, reason: 'mended' }
    expect((await world.call('POST', '/api/suppressions/release', release, ops)).status).toBe(200)
    expect((await send(world, way, to)).status).toBe(200)
  },
)
