import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  asked,
  byGreenapi,
  byResend,
  bySendgrid,
  bySms,
  bySmtp,
  byTwilio,
  logged,
  person,
  send,
  shown,
  type Way,
} from '#support/sends.ts'
import { fromGreenapi, fromResend, fromTwilio, post, type SignedRequest } from '#support/signed.ts'
import { greenapiStatus, resendEvent, silentNumber, twilioStatus } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

const minute = 60_000
const hour = 60 * minute

let world: World
let shiftMs = 0
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20, now: () => new Date(Date.now() + shiftMs) })
})
afterAll(() => world.stop())

/** A message that its provider has accepted, and will tell nothing of. */
async function silent(way: Way) {
  const to = person(way, 'silent')
  const { status, body } = await send(world, way, to)
  expect(status).toBe(200)
  return { to, messageId: String(body.messageId), entityId: String(body.entityId) }
}
type Silent = Awaited<ReturnType<typeof silent>>

describe('a message of which no webhook tells', () => {
  const sms = ({ to, ...sent }: Silent) => ({
    ...twilioStatus({ to, ...sent }, 'delivered'),
    From: '+15005550006',
    To: to,
  })
  const cases: [string, Way, string, (sent: Silent) => SignedRequest][] = [
    [
      'WhatsApp by Twilio',
      byTwilio,
      'read',
      (sent) => fromTwilio(twilioStatus(sent, 'read'), { baseUrl: world.url }),
    ],
    [
      'SMS by Twilio',
      bySms,
      'delivered',
      (sent) => fromTwilio(sms(sent), { baseUrl: world.url, path: '/webhooks/twilio-sms' }),
    ],
    ['WhatsApp by Green-API', byGreenapi, 'read', (sent) => fromGreenapi(greenapiStatus(sent, 'read'))],
  ]

  test.each(cases)(
    '(%s) is asked about; the webhook that comes late changes nothing',
    async (_name, way, status, late) => {
      const sent = await silent(way)
      expect((await shown(world, sent.messageId)).message.status).toBe('queued')
      await asked(world, sent.messageId)
      const told = await shown(world, sent.messageId)
      expect(told.message).toMatchObject({ status, providerMessageId: sent.entityId })
      expect(told.events).toMatchObject([{ source: 'send' }, { type: status, source: 'poll' }])
      expect((await post(world.url, late(sent))).status).toBeLessThan(300)
      expect((await shown(world, sent.messageId)).events).toEqual(told.events)
      expect((await shown(world, sent.messageId)).message).toEqual(told.message)
      expect(logged(world, 'missed_events_found').map((line) => line.messageId)).toContain(sent.messageId)
    },
  )

  // Its look-up names neither the webhook's id nor its clock.
  test('(email by Resend) is asked about; the webhook that comes late adds its event, and the status stays', async () => {
    const sent = await silent(byResend)
    await asked(world, sent.messageId)
    const told = await shown(world, sent.messageId)
    expect(told.message.status).toBe('delivered')
    expect(told.events).toMatchObject([{ source: 'send' }, { type: 'delivered', source: 'poll' }])
    expect((await post(world.url, fromResend(resendEvent(sent, 'delivered')))).status).toBe(200)
    expect((await shown(world, sent.messageId)).message.status).toBe('delivered')
  })

  test.each([
    ['SMS', bySms, 15 * minute],
    ['WhatsApp', byGreenapi, 15 * minute],
    ['email', byResend, 30 * minute],
  ])('(%s) is asked about after a while, and not once it has ended', async (_name, way, wait) => {
    const before = Date.now() + shiftMs
    const { messageId } = await silent(way)
    const due = (await checkAt(messageId)) ?? 0
    expect(due).toBeGreaterThanOrEqual(before + wait)
    expect(due).toBeLessThan(before + wait + minute)
    await world.database.query('update messages set check_at = now() where id = $1', [messageId])
    await vi.waitFor(async () => expect(await checkAt(messageId)).toBeNull(), { timeout: 10_000 })
  })

  test.each([bySmtp, bySendgrid])('by $provider is not asked about: there is nobody to ask', async (way) => {
    expect(await checkAt((await silent(way)).messageId)).toBeNull()
  })
})

describe('a provider that is down when it is asked', () => {
  test('is asked again later, after a longer wait each time, and a line warns', async () => {
    const sent = await silent(bySms)
    world.sandbox.outage({ provider: 'twilio', kind: 'down' })
    const waits: number[] = []
    for (const checks of [1, 2]) {
      await world.database.query('update messages set check_at = now() where id = $1', [sent.messageId])
      await vi.waitFor(
        () =>
          expect(
            logged(world, 'look_up_failed').filter((line) => line.messageId === sent.messageId),
          ).toHaveLength(checks),
        { timeout: 10_000 },
      )
      waits.push(((await checkAt(sent.messageId)) ?? 0) - Date.now() - shiftMs)
    }
    expect(waits[0]).toBeGreaterThan(14 * minute)
    expect(waits[1]).toBeGreaterThan(29 * minute)
    const [line] = logged(world, 'look_up_failed')
    expect(line).toMatchObject({ level: 'warn', provider: 'twilio' })
    expect((await shown(world, sent.messageId)).message).toMatchObject({ status: 'queued', errorCode: null })
    world.sandbox.endOutages()
    await asked(world, sent.messageId)
    expect((await shown(world, sent.messageId)).message.status).toBe('delivered')
  })
})

test('once an hour what people wrote is listed: what no webhook told is found, though somebody was heard since', async () => {
  const from = silentNumber()
  world.sandbox.setBaseUrl('http://127.0.0.1:9')
  await world.sandbox.say({ channel: 'sms', from, text: 'Hello?' })
  world.sandbox.setBaseUrl(world.url)
  await world.sandbox.say({ channel: 'sms', from: silentNumber(), text: 'Hi' })
  await world.database.query(
    `update messages set created_at = created_at + interval '2 minutes' where text = 'Hi'`,
  )
  const written = () =>
    world.database.query(
      `select m.text, e.source from messages m join message_events e on e.message_id = m.id where m.sender = $1`,
      [from],
    )
  expect(await written()).toEqual([])
  shiftMs += hour
  await expect.poll(written, { timeout: 10_000 }).toEqual([{ text: 'Hello?', source: 'poll' }])
  // Said once it is recorded, a moment after it can be seen.
  await expect
    .poll(() => logged(world, 'missed_inbound_found'), { timeout: 10_000 })
    .toMatchObject([{ level: 'warn', provider: 'twilio', messages: 1 }])
})

test('once a day a line says how much was asked, missed and repaired', async () => {
  const { messageId } = await silent(bySms)
  await asked(world, messageId)
  expect(logged(world, 'reconciled')).toEqual([])
  shiftMs += 24 * hour
  await vi.waitFor(() => expect(logged(world, 'reconciled')).toHaveLength(1), { timeout: 10_000 })
  const [line] = logged(world, 'reconciled')
  expect(line).toMatchObject({ level: 'info', inbound: 1 })
  expect(Number(line?.asked)).toBeGreaterThanOrEqual(Number(line?.repaired))
  expect(Number(line?.repaired)).toBeGreaterThanOrEqual(1)
})

/** In milliseconds; null: never. */
async function checkAt(messageId: string): Promise<number | null> {
  const [row] = await world.database.query(
    'select (extract(epoch from check_at) * 1000)::float as time from messages where id = $1',
    [messageId],
  )
  return typeof row?.time === 'number' ? row.time : null
}
