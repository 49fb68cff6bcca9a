import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { receivedBy } from '#support/sends.ts'
import { fromTwilio, post } from '#support/signed.ts'
import { twilioInbound, twilioStatus } from '#support/told.ts'
import type { World } from '#support/world.ts'
import { meetingOf, startCrmWorld, workDone } from '../crm/crm-world.ts'

/** Whatever a person is called by Twilio: chatwoot/chatwoot#14048, dimagi/open-chat-studio#3322, openclaw/openclaw#102373. */

let world: World
beforeAll(async () => {
  ;({ world } = await startCrmWorld({ WHATSAPP_WINDOW: 'enforce' }))
})
afterAll(() => world.stop())

type Form = Record<string, string>

async function inbound(from: string, body: string, more: Form = {}) {
  const form = { ...twilioInbound('+33612345678', body), From: from, ...more }
  const path = from.startsWith('whatsapp:') ? '/webhooks/twilio-whatsapp' : '/webhooks/twilio-sms'
  expect((await post(world.url, fromTwilio(form, { baseUrl: world.url, path }))).status).toBe(200)
  await workDone(world)
  const [row] = await world.database.query('select * from messages where provider_message_id = $1', [
    form.MessageSid,
  ])
  return row
}

async function told(sent: { body: { entityId: string } }, to: string, status: string, more: Form = {}) {
  const form = { ...twilioStatus({ entityId: sent.body.entityId, to }, status), To: to, ...more }
  expect((await post(world.url, fromTwilio(form, { baseUrl: world.url }))).status).toBe(204)
}

const send = (to: string, more: object = {}) =>
  world.action('sendWhatsApp', { to, body: 'Confirmez-vous ? OUI/NON', provider: 'twilio', ...more })

const suppressed = { status: 422, body: { error: { code: 'suppressed' } } }

let people = 1000

/** Somebody whom the CRM knows by this number, with a meeting. */
function appointmentOf(phone: string) {
  people += 1
  const lead = world.sandbox.crm.lead({ firstName: 'Anna', lastName: `Nom ${people}`, phone })
  const dateStart = new Date(Date.now() + 48 * 3_600_000)
  const meeting = world.sandbox.crm.meeting({ name: 'Consultation', dateStart, leads: [lead.id] })
  const about = { leadId: lead.id, parentType: 'Meeting', parentId: meeting.id }
  const acceptance = () =>
    JSON.parse(JSON.stringify(meetingOf(world, meeting.id).leadsColumns))[lead.id]?.status
  return { about, lead, acceptance }
}

describe('one number, as two networks write it', () => {
  test.each([
    { country: 'Mexico', ours: '+525512345670', theirs: '+5215512345670' },
    { country: 'Argentina', ours: '+5491123456770', theirs: '+5491123456770' },
    { country: 'Argentina, at home', ours: '+541123456870', theirs: '+5491123456870' },
    { country: 'Argentina, with its 15', ours: '+54 11 15 2345 6970', theirs: '+5491123456970' },
    { country: 'Brazil', ours: '+5511987654370', theirs: '+551187654370' },
    { country: 'Brazil, as it was', ours: '+55 11 8765 4470', theirs: '+5511987654470' },
    { country: 'Benin', ours: '+229 97 12 34 70', theirs: '+2290197123470' },
    { country: 'Benin, as it was', ours: '+2290197123570', theirs: '+22997123570' },
    { country: 'Côte d’Ivoire', ours: '+2250707123470', theirs: '+22507123470' },
    { country: 'La Réunion', ours: '0692 12 34 70', theirs: '+262692123470' },
  ])('$country: $ours and $theirs are one person', async ({ ours, theirs }) => {
    await inbound(`whatsapp:${theirs}`, 'Bonjour')
    const anna = appointmentOf(ours)
    expect(await send(ours, anna.about)).toMatchObject({ status: 200 })
    await workDone(world)
    expect(await inbound(`whatsapp:${theirs}`, 'OUI')).toMatchObject({
      tenant_id: 't1',
      lead_id: anna.lead.id,
    })
    await inbound(`whatsapp:${theirs}`, 'STOP')
    expect(await send(ours)).toMatchObject(suppressed)
    expect(await send(theirs)).toMatchObject(suppressed)
  })

  test('the answer of one whom the CRM knows confirms the meeting', async () => {
    await inbound('whatsapp:+5215512345671', 'Bonjour')
    const anna = appointmentOf('+525512345671')
    await send('+525512345671', anna.about)
    await workDone(world)
    await inbound('whatsapp:+5215512345671', 'OUI')
    expect(anna.acceptance()).toBe('Accepted')
  })

  test('what is sent to is what was written, where that is a number of today', async () => {
    for (const [written, to] of [
      ['0692 12 34 71', '+262692123471'],
      ['0690 12 34 71', '+590690123471'],
      ['0697 12 34 71', '+596697123471'],
      ['0639 12 34 71', '+262639123471'],
      ['+5491123456771', '+5491123456771'],
      ['+541123456772', '+541123456772'],
    ] as const) {
      expect(await world.action('sendSMS', { to: written, body: 'RDV' })).toMatchObject({ status: 200 })
      expect(receivedBy(world, to)).toHaveLength(1)
    }
  })

  test('a list finds them by either', async () => {
    await world.action('sendSMS', { to: '+5491123456773', body: 'RDV' })
    for (const to of ['+541123456773', '+54 9 11 2345 6773'])
      expect(
        (await world.call('GET', `/api/messages?to=${encodeURIComponent(to)}`)).body.messages,
      ).toHaveLength(1)
  })
})

describe('a number with a digit missing, or one too many', () => {
  test.each([
    ['06 12 34 56 7', 9],
    ['06 12 34 56 789', 11],
    ['+33 6 12 34 56 7', 10],
    ['+44 7700 90012', 11],
    ['0692 12 34 5', 9],
  ])('%j is refused, and the count of its digits told', async (to, digits) => {
    for (const action of ['sendSMS', 'sendWhatsApp']) {
      const answer = await world.action(action, { to, body: 'RDV' })
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_params' } } })
      expect(answer.body.issues ?? answer.body.error.issues).toMatchObject([
        { path: 'to', message: expect.stringContaining(`it has ${digits} digits`) },
      ])
    }
  })
})

describe('a WhatsApp user id', () => {
  let ids = 10
  const newId = () => `FR.13491208655302${++ids}85`

  test('that came with the number once is that person from then on', async () => {
    const id = newId()
    await inbound('whatsapp:+33612345670', 'Salut', {
      WaId: '33612345670',
      ExternalUserId: `whatsapp:${id}`,
    })
    expect(await send('+33612345670')).toMatchObject({ status: 200 })
    expect(await inbound(`whatsapp:${id}`, 'STOP', { ExternalUserId: `whatsapp:${id}` })).toMatchObject({
      sender: '+33612345670',
      tenant_id: 't1',
    })
    expect(await send('+33612345670')).toMatchObject(suppressed)
    expect(await send(id)).toMatchObject(suppressed)
  })

  test('of several accounts of one company is that person too', async () => {
    const id = newId()
    await inbound('whatsapp:+33612345690', 'Salut', { ParentExternalUserId: `whatsapp:${id}` })
    expect(await send('+33612345690')).toMatchObject({ status: 200 })
    expect(await inbound(`whatsapp:${id}`, 'STOP')).toMatchObject({ sender: '+33612345690', tenant_id: 't1' })
    expect(await send('+33612345690')).toMatchObject(suppressed)
  })

  test('that a status of our message tells is that person', async () => {
    const id = newId()
    await inbound('whatsapp:+33612347185', 'Salut')
    const sent = await send('+33612347185')
    await told(sent, 'whatsapp:+33612347185', 'delivered', { ExternalUserId: `whatsapp:${id}` })
    expect(await inbound(`whatsapp:${id}`, 'OUI')).toMatchObject({
      sender: '+33612347185',
      tenant_id: 't1',
    })
  })

  test('that a status has instead of the number is the one whom we wrote to', async () => {
    const id = newId()
    await inbound('whatsapp:+33612347285', 'Salut')
    const sent = await send('+33612347285')
    await told(sent, `whatsapp:${id}`, 'delivered')
    expect((await world.call('GET', `/api/messages/${sent.body.messageId}`)).body).toMatchObject({
      message: { status: 'delivered', recipient: '+33612347285' },
    })
    await inbound(`whatsapp:${id}`, 'STOP')
    expect(await send('+33612347285')).toMatchObject(suppressed)
  })

  test('under which somebody said STOP before the number was known still holds', async () => {
    const id = newId()
    await inbound(`whatsapp:${id}`, 'STOP')
    await inbound('whatsapp:+33612345673', '?', { ExternalUserId: `whatsapp:${id}` })
    expect(await send('+33612345673')).toMatchObject(suppressed)
  })

  test.each([
    { from: 'the id alone', by: 'id' },
    { from: 'the new number', by: 'number' },
  ])('that says START by $from frees nobody who has its former number by now', async ({ by }) => {
    const id = newId()
    const [former, current] = [`+33612${ids}0185`, `+33612${ids}0285`]
    const external = { ExternalUserId: `whatsapp:${id}` }
    await inbound(`whatsapp:${former}`, 'Salut', external)
    await inbound(`whatsapp:${current}`, 'Nouveau numéro', external)
    // Whoever has the former number now.
    await inbound(`whatsapp:${former}`, 'STOP')
    await inbound(`whatsapp:${by === 'id' ? id : current}`, 'START', external)
    expect(await send(former)).toMatchObject(suppressed)
    expect(await send(current)).toMatchObject({ status: 200 })
    expect(await send(id)).toMatchObject({ status: 200 })
    await inbound(`whatsapp:${former}`, 'START')
    expect(await send(former)).toMatchObject({ status: 200 })
  })

  test('that says STOP is not written to under any number that it ever had', async () => {
    const id = newId()
    const [former, current] = [`+33612${ids}0185`, `+33612${ids}0285`]
    const external = { ExternalUserId: `whatsapp:${id}` }
    await inbound(`whatsapp:${former}`, 'Salut', external)
    await inbound(`whatsapp:${current}`, 'Nouveau numéro', external)
    await inbound(`whatsapp:${id}`, 'STOP')
    for (const to of [former, current, id]) expect(await send(to)).toMatchObject(suppressed)
    await inbound(`whatsapp:${current}`, 'START', external)
    expect(await send(current)).toMatchObject({ status: 200 })
    expect(await send(former)).toMatchObject(suppressed)
  })

  test('that is told of a number later frees nobody there by what it said before, if it had another', async () => {
    const id = newId()
    const [former, current] = [`+33612${ids}0185`, `+33612${ids}0285`]
    const external = { ExternalUserId: `whatsapp:${id}` }
    await inbound(`whatsapp:${former}`, 'Salut', external)
    await inbound(`whatsapp:${current}`, 'STOP')
    await inbound(`whatsapp:${id}`, 'START')
    await inbound(`whatsapp:${current}`, 'Nouveau numéro', external)
    expect(await send(current)).toMatchObject(suppressed)
  })

  test('may be written to, as it is', async () => {
    const id = newId()
    await inbound(`whatsapp:${id}`, 'Salut')
    const sent = await send(`whatsapp:${id}`, { provider: undefined })
    expect(sent).toMatchObject({ status: 200 })
    expect(receivedBy(world, `whatsapp:${id}`).concat(receivedBy(world, id))).toHaveLength(1)
    await told(sent, `whatsapp:${id}`, 'delivered', { ExternalUserId: `whatsapp:${id}` })
    expect(await inbound(`whatsapp:${id}`, 'Oui')).toMatchObject({ sender: id, tenant_id: 't1' })
    await told(sent, 'whatsapp:+33612347485', 'read', { ExternalUserId: `whatsapp:${id}` })
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(body.message).toMatchObject({ recipient: '+33612347485', status: 'read' })
    expect(body.events.at(-1)).toMatchObject({ alias: id, aliasOf: '+33612347485' })
    await inbound('whatsapp:+33612347485', 'STOP')
    expect(await send(id)).toMatchObject(suppressed)
  })

  test('is not reached by a provider that knows none', async () => {
    expect(await send(newId(), { provider: 'greenapi' })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_params' } },
    })
    expect(await world.action('sendSMS', { to: newId(), body: 'x' })).toMatchObject({ status: 400 })
  })
})

describe('a quoted message of ours', () => {
  test('names its person, whatever number the answer comes from', async () => {
    await inbound('whatsapp:+5511987654320', 'Oi')
    const anna = appointmentOf('+5511987654320')
    const sent = await send('+5511987654320', anna.about)
    await workDone(world)
    const quoting = { OriginalRepliedMessageSid: sent.body.entityId }
    expect(await inbound('whatsapp:+4915123456789', 'OUI', quoting)).toMatchObject({
      sender: '+5511987654320',
      tenant_id: 't1',
      lead_id: anna.lead.id,
    })
    expect(anna.acceptance()).toBe('Accepted')
    // Known from then on, without a quote.
    await inbound('whatsapp:+4915123456789', 'STOP')
    expect(await send('+5511987654320')).toMatchObject(suppressed)
    expect(await send('+4915123456789')).toMatchObject(suppressed)
  })

  test('names the person of an unknown user id', async () => {
    await inbound('whatsapp:+33612345675', 'Salut')
    const sent = await send('+33612345675')
    const quoting = { OriginalRepliedMessageSid: sent.body.entityId }
    expect(await inbound('whatsapp:FR.900', 'STOP', quoting)).toMatchObject({ sender: '+33612345675' })
    expect(await send('FR.900')).toMatchObject(suppressed)
  })

  test('of nobody names nobody', async () => {
    const quoting = { OriginalRepliedMessageSid: 'SM00000000000000000000000000000099' }
    expect(await inbound('whatsapp:FR.901', 'OUI', quoting)).toMatchObject({
      sender: 'FR.901',
      tenant_id: null,
    })
  })
})

describe('RCS', () => {
  test('carries an SMS, and its answer is of that person', async () => {
    const sent = await world.action('sendSMS', { to: '+33612347685', body: 'RDV demain' })
    await told(sent, 'rcs:+33612347685', 'delivered', { From: 'rcs:maboite_agent', ChannelPrefix: 'rcs' })
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(body.message).toMatchObject({ status: 'delivered', channel: 'sms', via: 'rcs' })
    // As by a Messaging Service, which chooses what it sends from.
    await world.database.query('update messages set sender = null where id = $1', [sent.body.messageId])
    const stop = { To: 'rcs:maboite_agent', OptOutType: 'STOP', ChannelPrefix: 'rcs' }
    expect(await inbound('rcs:+33612347685', 'STOP', stop)).toMatchObject({
      channel: 'sms',
      sender: '+33612347685',
      tenant_id: 't1',
      via: 'rcs',
    })
    expect(await world.action('sendSMS', { to: '+33612347685', body: 'promo' })).toMatchObject(suppressed)
  })
})

describe('what comes by another channel of Twilio', () => {
  test.each(['messenger:1234567', 'instagram:1234567', 'chatapp:abc'])(
    '%s is kept, named and visible',
    async (from) => {
      const body = `bonjour ${from}`
      const to = `${from.split(':')[0]}:9`
      expect(await inbound(from, body, { To: to })).toBeUndefined()
      const headers = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
      const { body: listed } = await world.call('GET', '/api/events?unmatched=1&limit=1', undefined, headers)
      expect(listed.events).toMatchObject([
        {
          provider: 'twilio',
          type: 'unknown',
          providerType: `received by ${from.split(':')[0]}`,
          via: from.split(':')[0],
          recipient: to,
        },
      ])
      const quarantined = await world.database.query('select reason from quarantined_events')
      expect(quarantined).toEqual([])
    },
  )
})

test('our own sender stays as it was configured', () => {
  expect(credentials.twilio.whatsappFrom).toBe('whatsapp:+14155238886')
})
