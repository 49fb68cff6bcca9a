import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromSendgrid, post } from '#support/signed.ts'
import { sendgridEvent, silentAddress } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { SENDGRID_TRANSACTIONAL_GROUPS: '4711, 4712' } })
})
afterAll(() => world.stop())

const send = (to: string) =>
  world.action('sendEmail', { to, subject: 'Rappel', body: 'Demain', provider: 'sendgrid' })
const seconds = (ago: number) => Math.floor(Date.now() / 1_000) - ago

/** Events of SendGrid about a mail to this person, the oldest first: seconds apart, told in one batch or one by one. */
async function tell(to: string, events: Record<string, unknown>[], apart = false) {
  const sent = await send(to)
  const message = { entityId: sent.body.entityId, to }
  const batch = events.map((event, at) =>
    sendgridEvent(message, { timestamp: seconds(60 - at * 5), app_msg: sent.body.messageId, ...event }),
  )
  for (const part of apart ? batch.map((one) => [one]) : [batch])
    expect((await post(world.url, fromSendgrid(part))).status).toBe(200)
  await world.settled()
}
const next = async (to: string) => {
  const { status, body } = await send(to)
  return status === 200 ? 'sent' : `${body.error?.code}: ${body.error?.message}`
}

const left = (group: number) => ({ event: 'group_unsubscribe', asm_group_id: group })
const back = (group: number) => ({ event: 'group_resubscribe', asm_group_id: group })

// CDCgov/prime-simplereport#8401, and SendGrid's own pages on unsubscribe groups (ASM).
describe.each([
  { told: 'in one batch', apart: false },
  { told: 'one by one', apart: true },
])('a new subscription to one group, told $told', ({ apart }) => {
  test.each([
    { event: 'unsubscribe' },
    { event: 'spamreport' },
    { event: 'bounce', type: 'bounce', status: '5.1.1' },
    left(4712),
    { event: 'group_unsubscribe' },
  ])('ends no $event', async (event) => {
    for (const group of [4711, 99]) {
      const to = silentAddress()
      await tell(to, [event, back(group)], apart)
      expect(await next(to)).toMatch(/^suppressed/)
    }
  })

  test('ends the withdrawal from that group', async () => {
    const to = silentAddress()
    await tell(to, [left(4711), back(4711)], apart)
    expect(await next(to)).toBe('sent')
  })

  test('leaves what was withdrawn before that', async () => {
    const to = silentAddress()
    await tell(to, [{ event: 'unsubscribe' }, left(4711), back(4711)], apart)
    expect(await next(to)).toMatch(/^suppressed.*unsubscribed/)
  })

  const bounce = { event: 'bounce', type: 'bounce', status: '5.1.1' }
  test.each([
    { before: 'before they left', events: [bounce, left(4711), back(4711)] },
    { before: 'while they were away', events: [left(4711), bounce, back(4711)] },
  ])('ends the withdrawal also where their address died $before', async ({ events }) => {
    const to = silentAddress()
    await tell(to, events, apart)
    expect(await next(to)).toMatch(/^suppressed.*5\.1\.1|^suppressed.*nobody has/)
    const ops = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
    const of = `channel=email&address=${encodeURIComponent(to)}`
    const { body } = await world.call('GET', `/api/suppressions?${of}`, undefined, ops)
    expect(body.suppressions).toMatchObject([{ reason: 'bounced' }])
    const corrected = { channel: 'email', address: to, reason: 'the mailbox is back' }
    expect((await world.call('POST', '/api/suppressions/release', corrected, ops)).status).toBe(200)
    expect(await next(to)).toBe('sent')
  })

  test('leaves a complaint that came while they were away', async () => {
    const to = silentAddress()
    await tell(to, [left(4711), { event: 'spamreport' }, back(4711)], apart)
    expect(await next(to)).toMatch(/^suppressed.*complained/)
  })

  test('counts by when it was said, not by when it was told', async () => {
    const to = silentAddress()
    await tell(
      to,
      [
        { ...back(4711), timestamp: seconds(10) },
        { ...left(4711), timestamp: seconds(50) },
      ],
      apart,
    )
    expect(await next(to)).toBe('sent')
    await tell(
      to,
      [
        { ...back(4711), timestamp: seconds(9) },
        { ...left(4711), timestamp: seconds(1) },
      ],
      apart,
    )
    expect(await next(to)).toMatch(/^suppressed.*group 4711/)
  })
})

test('whoever leaves a newsletter is still reminded, and it is kept which group that was', async () => {
  const to = silentAddress()
  await tell(to, [left(99)])
  expect(await next(to)).toBe('sent')
  const kept = await world.database.query(
    `select type, code, consent from message_events where recipient = '${to}' and code is not null`,
  )
  expect(kept).toEqual([{ type: 'unsubscribed', code: 'group 99', consent: null }])
})

test('whoever leaves the group of our messages is not written to, and the reason says which', async () => {
  const to = silentAddress()
  await tell(to, [left(4711)])
  expect(await next(to)).toMatch(/^suppressed.*group 4711/)
})
