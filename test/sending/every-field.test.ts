import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type Channel, channels, type OutgoingMessage, sendableMessage } from '#src/model/message.ts'
import { keptRequest, stepRequest } from '#src/model/send-request.ts'
import { distinct } from '#support/distinct.ts'
import { newMessage, reserving } from '#support/facts.ts'
import { type RecordingHouse, recorder, startRecordingHouse } from '#support/recording-house.ts'

/** Whatever the schemas of what is sent hold, now or later: a field that is lost on some way is found here. */
let house: RecordingHouse
const refused = '+33600000009'
beforeAll(async () => {
  house = await startRecordingHouse(({ to }) => to === refused)
})
afterAll(() => house.stop())

const tenantId = 't1'
const patience = { timeout: 15_000, interval: 20 }
const later = () => new Date(Date.now() + 3_600_000)

/** As if the time of its next attempt had come, as soon as there is to be one. */
function comes(messageId: string) {
  const due =
    'update messages set next_attempt_at = now() where id = $1 and next_attempt_at > now() returning id'
  return vi.waitFor(
    async () => expect(await house.database.query(due, [messageId])).toHaveLength(1),
    patience,
  )
}

function given(messageId: string, times: number): Promise<OutgoingMessage[]> {
  return vi.waitFor(() => {
    expect(house.given(messageId)).toHaveLength(times)
    return house.given(messageId)
  }, patience)
}

/** What is decided of it on its way. */
const decided: Partial<Record<Channel, object>> = {
  email: { trackedByUs: { provider: recorder, opens: false, clicks: false } },
}

const said = sendableMessage.options.flatMap((schema) =>
  channels.flatMap((channel) => {
    const whole = distinct(schema, { channel, tenantId })
    const { data } = sendableMessage.safeParse(whole)
    return data ? [{ channel, schema, whole, message: data }] : []
  }),
)

test('each channel has a message with every field that its schema has', () => {
  expect(said.map(({ channel }) => channel).toSorted()).toEqual([...channels].toSorted())
  for (const { message, whole } of said) expect(message).toEqual(whole)
})

describe.each(said)('every field of what is sent by $channel', ({ channel, schema, message }) => {
  test('arrives on every attempt of a send that was scheduled', async () => {
    const wanted = { ...message, id: randomUUID(), createdAt: new Date() }
    const scheduled = newMessage({ message: wanted, provider: recorder, sendAt: later() })
    await house.database.store.reserveMessage(scheduled, { ...reserving, now: new Date() })
    await comes(wanted.id)
    await given(wanted.id, 1)
    await comes(wanted.id)
    expect(await given(wanted.id, 2)).toEqual([wanted, wanted])
  })

  test('arrives on every attempt of a step of an escalation, with what was asked around it', async () => {
    const around = { message, provider: recorder, language: 'fr' }
    const request = z.record(z.string(), z.unknown()).parse(distinct(stepRequest, around))
    expect(keptRequest(request)).toEqual(request)
    const steps = [{ channel, afterSeconds: 60, unless: 'read' as const, request: keptRequest(request) }]
    const first = newMessage({ tenantId, channel: 'sms', to: refused, provider: recorder, sendAt: later() })
    await house.database.store.reserveMessage(
      { ...first, escalation: { steps } },
      { ...reserving, now: new Date() },
    )
    await comes(first.message.id)
    const id = await stepOf(first.message.id)
    const arrived = { ...message, ...decided[channel], id, createdAt: expect.any(Date) }
    await given(id, 1)
    await comes(id)
    expect(await given(id, 2)).toEqual([arrived, arrived])
    // Which language its sender reads is of its answer, which nobody hears.
    const { message: _arrived, language: _heard, ...kept } = request
    expect(await shown(id)).toMatchObject(JSON.parse(JSON.stringify(kept)))
  })

  test('can be said at the door, and arrives on every attempt', async () => {
    const messageId = await sentByTheDoor[channel]()
    await comes(messageId)
    await given(messageId, 1)
    await comes(messageId)
    const [first, second] = await given(messageId, 2)
    expect(first).toMatchObject(asItArrives[channel])
    expect(second).toEqual(first)
    const said = Object.entries(first ?? {}).filter(([, value]) => value !== undefined)
    const unsaid = channel === 'whatsapp' ? [] : ['template', 'buttons']
    expect(said.map(([name]) => name).toSorted()).toEqual(
      [...Object.keys({ ...schema.shape, ...decided[channel] }), 'id', 'createdAt']
        .filter((name) => !unsaid.includes(name))
        .toSorted(),
    )
  })
})

test('a step that is asked for at the door has every field of its own, and of the first message what it does not say', async () => {
  const around = { leadId: 'lead', parentType: 'Meeting', parentId: 'meeting', metadata: { any: ['kind'] } }
  const own = { leadId: 'another lead', provider: recorder }
  const expiresAt = new Date(later().getTime() + 60_000).toISOString()
  const first = await asked('sendSMS', {
    ...around,
    to: refused,
    body: 'Bonjour',
    expiresAt,
    escalate: [{ action: 'sendEmail', params: { ...email, ...own }, after: '1m' }],
  })
  await comes(first)
  const id = await stepOf(first)
  await given(id, 1)
  await comes(id)
  const [, message] = await given(id, 2)
  const alone = await sentByTheDoor.email()
  await comes(alone)
  const [asAsked] = await given(alone, 1)
  expect({ ...message, id: alone, createdAt: asAsked?.createdAt }).toEqual(asAsked)
  expect(await shown(id)).toMatchObject({ ...around, ...own, expiresAt })
})

const answered = z.object({ messageId: z.string() })
const made = z.object({ message: z.object({ id: z.string() }) })

const email = {
  to: 'anna@customers.example',
  from: 'Cabinet <us@cabinet.example>',
  replyTo: 'answers@cabinet.example',
  cc: ['cc@customers.example'],
  bcc: ['bcc@customers.example'],
  subject: 'Rappel',
  body: '<p>Bonjour</p>',
  text: 'Bonjour',
  attachments: [{ filename: 'a.txt', content: 'QQ==', contentType: 'text/plain' }],
  tracking: { opens: true },
  unsubscribe: false,
}

const sms = { to: '+33600000001', body: 'Bonjour' }
const contentSid = `HX${'0'.repeat(32)}`

const { body: html, ...others } = email
const asItArrives = {
  email: { ...others, html },
  sms,
  whatsapp: {
    to: sms.to,
    body: 'Bonjour Anna',
    buttons: [{ id: 'confirm:12', title: 'Oui' }],
    template: { contentSid, variables: { 1: 'Anna', 2: '12' } },
  },
}

const sentByTheDoor = {
  email: () => asked('sendEmail', email),
  sms: () => asked('sendSMS', sms),
  async whatsapp() {
    const buttons = [{ id: 'confirm:{{rdv}}', title: 'Oui' }]
    const template = await house.post('/api/whatsapp/messages', {
      name: 'rappel',
      type: 'appointment',
      messageText: 'Bonjour {{prenom}}',
      variables: ['prenom', 'rdv'],
      buttons,
      contentSid,
    })
    const { id } = made.parse(template).message
    const variables = { prenom: 'Anna', rdv: '12' }
    const send = { toPhoneNumber: sms.to, variables, sendAt: later().toISOString() }
    return answered.parse(await house.post(`/api/whatsapp/messages/${id}/send`, send)).messageId
  },
}

async function asked(action: string, params: object): Promise<string> {
  const sendAt = later().toISOString()
  const answer = await house.post('/api/max/actions', { action, params: { ...params, sendAt } })
  return answered.parse(answer).messageId
}

async function shown(id: string): Promise<object> {
  const answer = await house.post('/api/max/actions', { action: 'getMessage', params: { id } })
  return z.object({ message: z.looseObject({}) }).parse(answer).message
}

/** The message of the first step, once that has begun. */
function stepOf(messageId: string): Promise<string> {
  return vi.waitFor(async () => {
    const found = await house.database.store.getMessage(messageId, undefined, false)
    return z.string().parse(found?.escalation?.steps[0]?.message_id)
  }, patience)
}
