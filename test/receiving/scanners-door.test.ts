import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fromResend, fromSendgrid, post } from '#support/signed.ts'
import { resendEvent, sendgridEvent, silentAddress, silentNumber, timeline } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
})
afterAll(() => world.stop())

const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36'
const proxy = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
const begun = Math.floor(Date.now() / 1_000) - 100

/** A mail by SendGrid whose SMS follows where nobody reads it, and what is told of it: seconds after its delivery. */
async function told(events: Record<string, unknown>[], apart = false) {
  const to = silentAddress()
  const sent = await world.action('sendEmail', {
    to,
    subject: 'RDV',
    body: 'x',
    provider: 'sendgrid',
    escalate: [
      { action: 'sendSMS', params: { to: silentNumber(), body: 'RDV demain' }, after: '1h', unless: 'read' },
    ],
  })
  expect(sent.status).toBe(200)
  const tell = async (some: Record<string, unknown>[]) => {
    const batch = some.map(({ after = 0, ...event }) =>
      sendgridEvent(
        { entityId: sent.body.entityId, to },
        { timestamp: begun + Number(after), app_msg: sent.body.messageId, ...event },
      ),
    )
    for (const part of apart ? batch.map((one) => [one]) : [batch])
      expect((await post(world.url, fromSendgrid(part))).status).toBe(200)
    await world.settled()
  }
  await tell(events)
  return { ...(await timeline(world, sent.body.messageId)), tell }
}

const delivered = { event: 'delivered' }
const click = (after: number, url = 'https://example.fr/rdv', useragent?: string) => ({
  event: 'click',
  after,
  url,
  useragent,
})
const open = (after: number, useragent?: string) => ({
  event: 'open',
  after,
  useragent,
  sg_machine_open: false,
})

// mautic/mautic#16263, #9798; resend/resend-node#901.
describe('of a machine, whatever order it is told in', () => {
  const cases = [
    {
      what: 'every link in the second of the delivery',
      events: [click(0), click(0, 'https://example.fr/desinscription')],
      why: /delivery|several links/,
    },
    {
      what: 'a link two seconds after, by a browser’s agent',
      events: [click(2, undefined, browser)],
      why: 'delivery',
    },
    { what: 'a link before the mail was let in', events: [click(-3)], why: 'delivery' },
    {
      what: 'three links at once, later',
      events: [click(60), click(61, 'https://example.fr/b'), click(61, 'https://example.fr/c')],
      why: 'several links',
    },
    {
      what: 'a link by a gateway’s name, later',
      events: [click(600, undefined, 'Barracuda Sentinel (EE)')],
      why: 'Barracuda',
    },
    { what: 'an open in the second of the delivery', events: [open(0)], why: 'delivery' },
    {
      what: 'an open before the mail was let in, by a browser’s agent',
      events: [open(-30, browser)],
      why: 'delivery',
    },
    {
      what: 'an open four seconds after, and each link with it',
      events: [open(4, browser), click(4), click(5, 'https://example.fr/b')],
      why: 'delivery',
    },
    { what: 'an open by an image proxy', events: [open(600, proxy)], why: 'ggpht.com' },
  ]
  const orders = [
    { order: 'in one batch', turn: (all: Record<string, unknown>[]) => all, apart: false },
    { order: 'the delivery last', turn: (all: Record<string, unknown>[]) => all.toReversed(), apart: true },
  ]
  test.each(cases.flatMap((one) => orders.map((order) => ({ ...one, ...order }))))(
    'is $what, told $order: kept with its reason, and ends nothing',
    async ({ events, why, turn, apart }) => {
      const { message, events: kept } = await told(turn([delivered, ...events]), apart)
      expect(message).toMatchObject({ status: 'delivered', clickedAt: null, openedAt: null })
      const read = kept.filter(({ type }) => type === 'clicked' || type === 'opened')
      expect(read).toHaveLength(events.length)
      for (const { machine, reason } of read) {
        expect(machine).toBe(true)
        expect(reason).toMatch(why)
      }
      // Told before its delivery it may have ended it for as long as nobody knew better.
      expect(await stepOf(message.id)).toEqual({ state: 'waiting', reason: 'time' })
    },
  )
})

const stepOf = async (id: unknown) => {
  const { body } = await world.call('GET', `/api/messages/${id}`)
  const { state, reason } = body.escalation.steps[0]
  return { state, reason }
}

describe('an escalation that an open ended before its delivery was told', () => {
  test('goes on where the open was a machine’s: what bounces then goes another way', async () => {
    const { message, tell } = await told([open(1, browser)], true)
    expect(await stepOf(message.id)).toEqual({ state: 'cancelled', reason: 'read' })
    await tell([delivered])
    expect(await stepOf(message.id)).toEqual({ state: 'waiting', reason: 'time' })
    await tell([{ event: 'bounce', type: 'bounce', status: '5.5.0', reason: 'gone', after: 20 }])
    await vi.waitFor(async () => expect(await stepOf(message.id)).toMatchObject({ state: 'sent' }), {
      timeout: 15_000,
      interval: 20,
    })
  })

  test('has ended where a person opened it too', async () => {
    const { message } = await told([open(1, browser), open(90, browser), delivered], true)
    expect(await stepOf(message.id)).toEqual({ state: 'cancelled', reason: 'read' })
  })

  test('has ended where it was stopped meanwhile', async () => {
    const { message, tell } = await told([open(1, browser)], true)
    await world.database.query(`select stop_escalation($1, 'answered')`, [message.id])
    await world.database.query(`update escalations set stopped = 'answered' where id = $1`, [message.id])
    await tell([delivered])
    expect(await stepOf(message.id)).toEqual({ state: 'cancelled', reason: 'read' })
  })

  test.each([
    { hours: 1.5, state: 'waiting', why: 'as late as the step may be' },
    { hours: 2.5, state: 'cancelled', why: 'later than what it says may be true' },
  ])('is $state, $why', async ({ hours, state }) => {
    const { message, tell } = await told([open(1, browser)], true)
    await world.database.query(
      `update message_attempts set begun_at = begun_at - $2 * interval '1 hour' where message_id = $1`,
      [message.id, hours],
    )
    await world.database.query(
      `update messages set queued_at = queued_at - $2 * interval '1 hour' where id = $1`,
      [message.id, hours],
    )
    await tell([delivered])
    expect(await stepOf(message.id)).toMatchObject({ state })
  })
})

test.each([
  { events: [delivered, click(40, undefined, browser)] },
  { events: [click(40, undefined, browser), delivered] },
  { events: [delivered, click(40), click(50, 'https://example.fr/b')] },
  { events: [delivered, click(40), click(40)] },
  { events: [delivered, click(40), click(41, 'https://example.fr/b')] },
])('a click of a person counts: $events', async ({ events }) => {
  const { message } = await told(events, true)
  expect(message.status).toBe('clicked')
})

test.each([
  [delivered, open(5, browser)],
  [open(600), delivered],
  [delivered, open(0), open(90)],
  [open(90), open(1), delivered],
  // Delivered when it is told again, later than it was.
  [{ ...delivered, after: 8 }, open(9), { ...delivered, after: 1 }],
  [open(9), { ...delivered, after: 1 }, { ...delivered, after: 8 }],
])('an open of a person counts (%#)', async (...events) => {
  const { message } = await told(events, true)
  expect(message.status).toBe('opened')
  expect((await told(events.toReversed(), true)).message.status).toBe('opened')
})

test.each([
  { order: 'after its delivery', turn: (all: object[]) => all },
  { order: 'before it', turn: (all: object[]) => all.toReversed() },
])('an open of a machine that is told $order is counted for machines', async ({ turn }) => {
  const counted = async () => (await world.call('GET', '/api/stats')).body
  const before = await counted()
  const to = silentAddress()
  const { body } = await world.action('sendEmail', { to, subject: 'x', body: 'x', provider: 'sendgrid' })
  const at = { timestamp: begun, app_msg: body.messageId }
  for (const event of turn([
    { ...delivered, ...at },
    { event: 'open', ...at },
  ]))
    await post(world.url, fromSendgrid([sendgridEvent({ entityId: body.entityId, to }, { ...event })]))
  expect((await timeline(world, body.messageId)).message).toMatchObject({
    status: 'delivered',
    openedAt: null,
  })
  expect(await counted()).toMatchObject({
    opened: before.opened,
    openedByMachines: before.openedByMachines + 1,
  })
})

test('the same goes for Resend, and a replay finds nothing to change', async () => {
  const to = silentAddress()
  const sent = await world.action('sendEmail', { to, subject: 'RDV', body: 'x', provider: 'resend' })
  const ours = sentAs(sent.body, to)
  const link = {
    ipAddress: '52.1.2.3',
    link: 'https://example.fr/rdv',
    timestamp: new Date().toISOString(),
    userAgent: browser,
  }
  for (const event of [
    resendEvent(ours, 'clicked', { click: link }),
    resendEvent(ours, 'delivered'),
    resendEvent(ours, 'opened'),
  ])
    expect((await post(world.url, fromResend(event))).status).toBe(200)
  await world.settled()
  const { message, events } = await timeline(world, sent.body.messageId)
  expect(message).toMatchObject({ clickedAt: null })
  expect(events.find(({ type }) => type === 'clicked')).toMatchObject({
    machine: true,
    reason: 'within seconds of the delivery',
  })
  const ops = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
  expect(
    (
      await world.call(
        'POST',
        '/api/replay',
        { since: new Date(Date.now() - 3_600_000).toISOString(), dryRun: true },
        ops,
      )
    ).body,
  ).toMatchObject({ changed: 0 })
})

function sentAs({ messageId, entityId }: { messageId: string; entityId: string }, to: string) {
  return { messageId, entityId, to }
}
