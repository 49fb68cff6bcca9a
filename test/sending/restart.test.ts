import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { anotherServer } from '#support/another-server.ts'
import {
  becomes,
  byGreenapi,
  bySms,
  bySmtp,
  comes,
  person,
  receivedBy,
  schedule,
  send,
  shown,
} from '#support/sends.ts'
import { fromGreenapi, fromTwilio, post } from '#support/signed.ts'
import { greenapiInbound, silentNumber, twilioInbound } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
let restarted: Awaited<ReturnType<typeof anotherServer>>
const before = {
  scheduled: person(bySms, 'ok'),
  waiting: person(bySmtp, 'busy'),
  cancelled: person(bySms, 'ok'),
}
const ids = { scheduled: '', waiting: '', cancelled: '' }
/** Who wrote while nobody was there, and under which id of the provider. */
const missed = { twilio: '', sms: '', greenapi: '' }
const people = { twilio: silentNumber(), sms: silentNumber(), greenapi: silentNumber() }

// What was begun before the stop, and what happened during it, is what the tests look at.
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
  ids.scheduled = await schedule(world, bySms, before.scheduled)
  ids.cancelled = await schedule(world, bySms, before.cancelled)
  await world.call('POST', `/api/messages/${ids.cancelled}/cancel`)
  ids.waiting = (await send(world, bySmtp, before.waiting)).body.messageId
  await send(world, byGreenapi, people.greenapi)
  for (const provider of ['twilio', 'greenapi'] as const)
    await world.sandbox.say({ channel: 'whatsapp', provider, from: silentNumber(), text: 'Before' })
  // What still lay in its spool would not be in the database when the next server looks.
  await world.settled()
  await world.server.stop()
  world.server.stop = async () => {}
  const said = { text: 'Anybody there?' }
  const [twilio, sms, greenapi] = await Promise.all([
    world.sandbox.say({ channel: 'whatsapp', provider: 'twilio', from: people.twilio, ...said }),
    world.sandbox.say({ channel: 'sms', provider: 'twilio', from: people.sms, ...said }),
    world.sandbox.say({ channel: 'whatsapp', provider: 'greenapi', from: people.greenapi, ...said }),
  ])
  Object.assign(missed, { twilio: twilio.id, sms: sms.id, greenapi: greenapi.id })
  await world.sandbox.idle()
  // As if somebody else had written, and been heard, two minutes after that: before anybody looked for what was missed.
  await world.database.query(
    `update messages set created_at = now() + interval '2 minutes' where direction = 'inbound'`,
  )
  // Four minutes later: what has just arrived is left to its webhook for a while.
  restarted = await anotherServer(world, { instead: true, now: () => new Date(Date.now() + 4 * 60_000) })
})
afterAll(async () => {
  await restarted.stop()
  await world.stop()
})

describe('trial 20: after a restart', () => {
  test('what was scheduled and what waited is still so, and goes out once when its time comes', async () => {
    expect((await shown(world, ids.scheduled)).message).toMatchObject({ status: 'scheduled', attempts: 0 })
    expect((await shown(world, ids.waiting)).message).toMatchObject({ status: 'queued', attempts: 1 })
    await comes(world, ids.scheduled, ids.waiting, ids.cancelled)
    await becomes(world, ids.scheduled, { status: 'delivered', attempts: 1 })
    await becomes(world, ids.waiting, { status: 'sent', attempts: 2 })
    for (const to of [before.scheduled, before.waiting]) expect(receivedBy(world, to)).toHaveLength(1)
  })

  test('what was cancelled before is not sent', async () => {
    const later = await schedule(world, bySms, person(bySms, 'ok'))
    await comes(world, ids.cancelled, later)
    await becomes(world, later, { status: 'delivered' })
    expect((await shown(world, ids.cancelled)).message.status).toBe('cancelled')
    expect(receivedBy(world, before.cancelled)).toHaveLength(0)
  })
})

describe('what people wrote while nobody was there', () => {
  const form = (from: string, id: string) => ({
    ...twilioInbound(from, 'Anybody there?'),
    MessageSid: id,
    SmsMessageSid: id,
  })
  const cases = [
    ['twilio', 'whatsapp', () => fromTwilio(form(people.twilio, missed.twilio), { baseUrl: world.url })],
    [
      'sms',
      'sms',
      () =>
        fromTwilio(
          { ...form(people.sms, missed.sms), From: people.sms, To: credentials.twilio.smsFrom },
          { baseUrl: world.url, path: '/webhooks/twilio-sms' },
        ),
    ],
    [
      'greenapi',
      'whatsapp',
      () =>
        fromGreenapi({ ...greenapiInbound(people.greenapi, 'Anybody there?'), idMessage: missed.greenapi }),
    ],
  ] as const

  test.each(cases)(
    'by %s (%s) is found once, and the webhook that comes late changes nothing',
    async (name, channel, late) => {
      await expect.poll(() => inbound(people[name]), { timeout: 10_000 }).toHaveLength(1)
      const [message] = await inbound(people[name])
      expect(message).toMatchObject({
        channel,
        text: 'Anybody there?',
        provider_message_id: missed[name],
        events: 1,
        source: 'poll',
      })
      expect((await post(world.url, late())).status).toBe(200)
      expect(await inbound(people[name])).toEqual([message])
    },
  )

  test('is of the tenant that had written to them, and a line says how many were missed', async () => {
    await expect
      .poll(() => inbound(people.greenapi), { timeout: 10_000 })
      .toMatchObject([{ tenant_id: 't1' }])
    await expect
      .poll(
        () =>
          restarted.logLines
            .filter((line) => line.includes('missed_inbound_found'))
            .map((line) => JSON.parse(line)),
        { timeout: 10_000 },
      )
      .toMatchObject([
        { level: 'warn', provider: 'twilio', messages: 2 },
        { level: 'warn', provider: 'greenapi', messages: 1 },
      ])
  })
})

function inbound(sender: string) {
  return world.database.query(
    `select m.*, count(e.id)::integer as events, min(e.source) as source
     from messages m join message_events e on e.message_id = m.id
     where m.direction = 'inbound' and m.sender = $1
     group by m.id`,
    [sender],
  )
}
