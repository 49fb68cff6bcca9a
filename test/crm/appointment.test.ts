import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { receivedBy } from '#support/sends.ts'
import { fromTwilio, post } from '#support/signed.ts'
import { twilioInbound } from '#support/told.ts'
import type { World } from '#support/world.ts'
import { meetingOf, notes, patient, startCrmWorld, tasks, workDone, writes } from './crm-world.ts'

const minute = 60_000
const hour = 60 * minute

let world: World
let clock: { ahead: number }
beforeAll(async () => {
  ;({ world, clock } = await startCrmWorld({
    AUTO_REPLY_CONFIRMED: 'Merci, {{name}} est confirmée.',
    AUTO_REPLY_CANCELLED: 'Votre {{name}} est annulée.',
  }))
})
afterAll(() => world.stop())

type Patient = ReturnType<typeof patient>

async function remind(
  { phone, lead, meeting }: Patient,
  way: { action?: string; provider?: string; about?: boolean } = {},
) {
  const { action = 'sendWhatsApp', provider = 'twilio', about = true } = way
  const sent = await world.action(action, {
    to: phone,
    body: 'Votre consultation est après-demain. Venez-vous ?',
    provider,
    leadId: lead.id,
    ...(about ? { parentType: 'Meeting', parentId: meeting.id } : {}),
  })
  expect(sent.status).toBe(200)
  await world.settled()
  await workDone(world)
  return sent.body.messageId as string
}

const acceptance = ({ lead, meeting }: Patient) => {
  const columns = meetingOf(world, meeting.id).leadsColumns
  return JSON.parse(JSON.stringify(columns))[lead.id]?.status
}
const replies = ({ phone }: Patient) =>
  receivedBy(world, phone)
    .map(({ text }) => text)
    .filter((text) => text?.startsWith('Merci') || text?.startsWith('Votre Consultation'))

test('a button of a template by Twilio confirms its meeting, the lead’s stream shows both, and the reply goes out', async () => {
  const anna = patient(world)
  const created = await world.call('POST', '/api/whatsapp/messages', {
    name: 'Rappel',
    type: 'appointment',
    messageText: 'Bonjour {{prenom}}, venez-vous ?',
    variables: ['prenom', 'meetingId'],
    buttons: [
      { id: 'confirm:{{meetingId}}', title: 'Confirmer' },
      { id: 'cancel:{{meetingId}}', title: 'Annuler' },
    ],
  })
  expect(created.status).toBe(201)
  const sent = await world.call('POST', `/api/whatsapp/messages/${created.body.message.id}/send`, {
    toPhoneNumber: anna.phone,
    leadId: anna.lead.id,
    variables: { prenom: 'Anna', meetingId: anna.meeting.id },
  })
  expect(sent.status).toBe(200)
  await world.settled()
  await writes(world, {
    channel: 'whatsapp',
    from: anna.phone,
    text: 'Confirmer',
    button: `confirm:${anna.meeting.id}`,
  })
  expect(acceptance(anna)).toBe('Accepted')
  expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
  expect(replies(anna)).toEqual(['Merci, Consultation est confirmée.'])
  const stream = notes(world, anna.lead.id).join('\n')
  expect(stream).toContain('Bonjour Anna')
  expect(stream).toContain('Confirmer')
})

test.each([
  { says: ' Oui ! ', channel: 'whatsapp', provider: 'greenapi', action: 'sendWhatsApp', status: 'Accepted' },
  { says: 'oui merci', channel: 'whatsapp', provider: 'twilio', action: 'sendWhatsApp', status: 'Accepted' },
  { says: 'NON', channel: 'sms', provider: 'twilio', action: 'sendSMS', status: 'Declined' },
] as const)(
  '«$says» by $provider, $channel, answers the reminder',
  async ({ says, channel, provider, action, status }) => {
    const anna = patient(world)
    await remind(anna, { action, provider })
    await writes(world, { channel, provider, from: anna.phone, text: says })
    expect(acceptance(anna)).toBe(status)
    expect(meetingOf(world, anna.meeting.id).status).toBe(status === 'Accepted' ? 'Planned' : 'Not Held')
    expect(replies(anna)).toHaveLength(1)
    const inbound = await world.call('GET', `/api/messages?status=received&leadId=${anna.lead.id}`)
    expect(inbound.body.messages).toHaveLength(1)
  },
)

test('twice the same answer does it once; the last answer before the meeting wins', async () => {
  const anna = patient(world)
  await remind(anna)
  const says = (text: string) => writes(world, { channel: 'whatsapp', from: anna.phone, text })
  await says('OUI')
  await says('oui')
  expect(replies(anna)).toHaveLength(1)
  await says('NON')
  await says('non')
  expect(acceptance(anna)).toBe('Declined')
  expect(meetingOf(world, anna.meeting.id).status).toBe('Not Held')
  expect(replies(anna)).toHaveLength(2)
  expect(tasks(world, anna.lead.id)).toEqual([])
  // It is cancelled now: coming after all is for a person to arrange.
  await says('oui')
  expect(tasks(world, anna.lead.id)).toHaveLength(1)
  expect(meetingOf(world, anna.meeting.id).status).toBe('Not Held')
})

test('a customer who cancels what was called off already has declined', async () => {
  const anna = patient(world)
  await remind(anna)
  const { ESPOCRM_URL: url, ESPOCRM_API_KEY: apiKey = '' } = world.sandbox.environment
  await fetch(`${url}/api/v1/Meeting/${anna.meeting.id}`, {
    method: 'PUT',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'Not Held' }),
  })
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'NON' })
  expect(acceptance(anna)).toBe('Declined')
  expect(tasks(world, anna.lead.id)).toEqual([])
})

test('the next meeting of the lead is meant where the reminder names none but is an appointment’s', async () => {
  const anna = patient(world)
  const created = await world.call('POST', '/api/whatsapp/messages', {
    name: 'Rappel simple',
    type: 'appointment',
    messageText: 'Venez-vous demain ?',
    variables: [],
  })
  const sent = await world.call('POST', `/api/whatsapp/messages/${created.body.message.id}/send`, {
    toPhoneNumber: anna.phone,
    variables: {},
  })
  expect(sent.status).toBe(200)
  await world.settled()
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'OK' })
  expect(acceptance(anna)).toBe('Accepted')
})

test('a button that names somebody else’s meeting touches it not: it is a task', async () => {
  const [anna, bruno] = [patient(world), patient(world)]
  await remind(anna)
  await writes(world, {
    channel: 'whatsapp',
    from: anna.phone,
    text: 'Annuler',
    button: `cancel:${bruno.meeting.id}`,
  })
  for (const one of [anna, bruno]) expect(meetingOf(world, one.meeting.id).status).toBe('Planned')
  expect(tasks(world, anna.lead.id)).toHaveLength(1)
})

test('a reminder that was asked for a week before it went out is answered', async () => {
  const anna = patient(world)
  await remind(anna)
  await world.database.query(
    `update messages set created_at = created_at - interval '7 days' where recipient = $1`,
    [anna.phone],
  )
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'OUI' })
  expect(acceptance(anna)).toBe('Accepted')
})

test('what reached us less than an hour late is an answer', async () => {
  const anna = patient(world)
  await remind(anna, { provider: 'greenapi' })
  await writesLate(anna, 59 * minute)
  expect(acceptance(anna)).toBe('Accepted')
})

/** Says yes, by a webhook that comes so much later. */
async function writesLate(anna: Patient, ms: number): Promise<void> {
  clock.ahead = ms
  try {
    await writes(world, { channel: 'whatsapp', provider: 'greenapi', from: anna.phone, text: 'OUI' })
  } finally {
    clock.ahead = 0
  }
}

test('the title of a button answers where it is typed', async () => {
  const anna = patient(world)
  const created = await world.call('POST', '/api/whatsapp/messages', {
    name: 'Rappel à taper',
    type: 'appointment',
    messageText: 'Bonjour {{prenom}}, venez-vous ?',
    variables: ['prenom', 'meetingId'],
    buttons: [
      { id: 'confirm:{{meetingId}}', title: 'Vous me verrez' },
      { id: 'cancel:{{meetingId}}', title: 'Sans moi' },
    ],
  })
  const sent = await world.call('POST', `/api/whatsapp/messages/${created.body.message.id}/send`, {
    toPhoneNumber: anna.phone,
    leadId: anna.lead.id,
    variables: { prenom: 'Anna', meetingId: anna.meeting.id },
  })
  expect(sent.status).toBe(200)
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'vous me verrez !' })
  expect(acceptance(anna)).toBe('Accepted')
})

test('what answers another message of ours answers no reminder', async () => {
  const anna = patient(world)
  const offer = await world.action('sendWhatsApp', {
    to: anna.phone,
    body: 'Un vaccin vous intéresse-t-il ?',
    provider: 'twilio',
  })
  await remind(anna)
  const inbound = { ...twilioInbound(anna.phone, 'NON'), OriginalRepliedMessageSid: offer.body.entityId }
  expect((await post(world.url, fromTwilio(inbound, { baseUrl: world.url }))).status).toBe(200)
  await workDone(world)
  expect(notes(world, anna.lead.id).join('\n')).toContain('NON')
  expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
})

describe('a number of two people', () => {
  const twoOf = async () => {
    const anna = patient(world)
    // Of two open leads the newer one is meant.
    const createdAt = new Date(Date.now() + 60_000)
    const bruno = world.sandbox.crm.lead({ lastName: 'Martin', phone: anna.phone, createdAt })
    return { anna, bruno }
  }

  test('is said once to be of several, in the stream of the one that was chosen', async () => {
    const { anna, bruno } = await twoOf()
    for (const text of ['Bonjour', 'Où êtes-vous ?'])
      await writes(world, { channel: 'whatsapp', from: anna.phone, text })
    const stream = notes(world, bruno.id)
    expect(stream).toHaveLength(3)
    expect(stream.filter((post) => post.includes('Plusieurs fiches'))).toHaveLength(1)
  })

  test('is said so also where the CRM’s first answer was lost', async () => {
    const { anna, bruno } = await twoOf()
    world.sandbox.crm.unanswered('drop')
    await world.sandbox.say({ channel: 'whatsapp', from: anna.phone, text: 'Bonjour' })
    const failed = 'select from jobs where error_code is not null'
    await vi.waitFor(async () => expect(await world.database.query(failed)).toHaveLength(1))
    clock.ahead = hour
    try {
      await workDone(world)
    } finally {
      clock.ahead = 0
    }
    expect(notes(world, bruno.id).filter((post) => post.includes('Plusieurs fiches'))).toHaveLength(1)
  })

  test('makes nobody attend the meeting of the other one: the answer is a task', async () => {
    const { anna, bruno } = await twoOf()
    const sent = await world.action('sendWhatsApp', {
      to: anna.phone,
      body: 'Votre consultation est après-demain. Venez-vous ?',
      provider: 'twilio',
      parentType: 'Meeting',
      parentId: anna.meeting.id,
    })
    expect(sent.status).toBe(200)
    await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'OUI' })
    expect(meetingOf(world, anna.meeting.id).leadsIds).toEqual([anna.lead.id])
    expect(tasks(world, bruno.id)).toHaveLength(1)
  })
})

describe('what a send names is not believed alone', () => {
  const asked = (to: string, leadId: string | undefined, meetingId: string) =>
    world.action('sendWhatsApp', {
      to,
      body: 'Votre consultation est après-demain. Venez-vous ?',
      provider: 'twilio',
      ...(leadId === undefined ? {} : { leadId }),
      parentType: 'Meeting',
      parentId: meetingId,
    })

  test.each([
    { from: 'a number that the CRM does not know', named: true, stranger: '+33612345670' },
    { from: 'the number of somebody else', named: true, stranger: undefined },
    { from: 'the number of somebody else, of whom nobody was named', named: false, stranger: undefined },
  ])('«NON» from $from cancels no appointment, and becomes a task', async ({ named, stranger }) => {
    const anna = patient(world)
    const other = patient(world)
    const phone = stranger ?? other.phone
    expect((await asked(phone, named ? anna.lead.id : undefined, anna.meeting.id)).status).toBe(200)
    await world.settled()
    await workDone(world)
    await writes(world, { channel: 'whatsapp', from: phone, text: 'NON' })
    expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
    expect(acceptance(anna)).not.toBe('Declined')
    expect(tasks(world, named ? anna.lead.id : other.lead.id)).toHaveLength(1)
  })

  test('a button of a message to somebody else’s number confirms nothing', async () => {
    const anna = patient(world)
    const other = patient(world)
    await asked(other.phone, anna.lead.id, anna.meeting.id)
    await world.settled()
    await workDone(world)
    const button = `cancel:${anna.meeting.id}`
    await writes(world, { channel: 'whatsapp', from: other.phone, text: 'Annuler', button })
    expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
    expect(tasks(world, anna.lead.id)).toHaveLength(1)
  })

  test('of a family with one number the one that it named is answered for', async () => {
    const anna = patient(world)
    const createdAt = new Date(Date.now() + 60_000)
    const bruno = world.sandbox.crm.lead({ lastName: 'Martin', phone: anna.phone, createdAt })
    expect((await asked(anna.phone, anna.lead.id, anna.meeting.id)).status).toBe(200)
    await world.settled()
    await workDone(world)
    await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'OUI' })
    expect(acceptance(anna)).toBe('Accepted')
    expect(tasks(world, bruno.id)).toEqual([])
  })
})

describe('nothing is confirmed or cancelled', () => {
  const untouched = (anna: Patient) => {
    expect(acceptance(anna)).not.toMatch(/Accepted|Declined/)
    expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
    expect(replies(anna)).toEqual([])
  }

  test('by words that are not clear: they are a task for a person', async () => {
    const anna = patient(world)
    await remind(anna)
    await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'oui mais je ne peux pas' })
    untouched(anna)
    expect(tasks(world, anna.lead.id)).toMatchObject([{ status: 'Not Started' }])
  })

  test('by words that answer no message about an appointment: they are noted', async () => {
    const anna = patient(world)
    await remind(anna, { about: false })
    await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'OUI' })
    untouched(anna)
    expect(notes(world, anna.lead.id).join('\n')).toContain('OUI')
    expect(tasks(world, anna.lead.id)).toEqual([])
  })

  test('by an old button that names no meeting and answers no message about an appointment: it is a task', async () => {
    const anna = patient(world)
    await remind(anna, { about: false })
    await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'Annuler', button: 'cancel' })
    untouched(anna)
    expect(tasks(world, anna.lead.id)).toHaveLength(1)
  })

  test('by somebody whom the CRM does not know: an answer to a reminder is a task that names its meeting', async () => {
    const anna = patient(world)
    const phone = '+33698765431'
    const sent = await world.action('sendSMS', {
      to: phone,
      body: 'Votre consultation est après-demain. Venez-vous ?',
      parentType: 'Meeting',
      parentId: anna.meeting.id,
    })
    expect(sent.status).toBe(200)
    await writes(world, { channel: 'sms', from: phone, text: 'non' })
    expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
    const asked = world.sandbox.crm.records('Task').map(({ description }) => String(description))
    expect(asked.filter((text) => text.includes(anna.meeting.id))).toHaveLength(1)
  })

  test('by words that come three days after the message', async () => {
    const anna = patient(world, { hours: 200 })
    await remind(anna)
    await world.database.query(
      `update messages set queued_at = queued_at - interval '73 hours' where recipient = $1`,
      [anna.phone],
    )
    await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'OUI' })
    untouched(anna)
  })

  test('when the meeting has begun: it is a task', async () => {
    const anna = patient(world, { hours: 1 })
    await remind(anna)
    clock.ahead = 2 * hour
    try {
      await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'OUI' })
    } finally {
      clock.ahead = 0
    }
    untouched(anna)
    expect(tasks(world, anna.lead.id)).toHaveLength(1)
  })

  test('by what reached us more than an hour late: it is a task', async () => {
    const anna = patient(world)
    await remind(anna, { provider: 'greenapi' })
    await writesLate(anna, 61 * minute)
    untouched(anna)
    expect(tasks(world, anna.lead.id)).toHaveLength(1)
  })

  test('by somebody whom the CRM does not know: it is kept', async () => {
    await writes(world, { channel: 'whatsapp', from: '+33698765432', text: 'OUI' })
    const kept = await world.call('GET', '/api/messages?status=received', undefined, {
      Authorization: `Bearer ${await world.token(undefined, { ops: true })}`,
    })
    expect(kept.body.messages.map(({ sender }: { sender: string }) => sender)).toContain('+33698765432')
  })
})

test('STOP is shown in the CRM and never answered; START takes it back', async () => {
  const anna = patient(world)
  await remind(anna)
  const flag = () => world.sandbox.crm.record('Lead', anna.lead.id)?.phoneNumberIsOptedOut
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'STOP' })
  expect(flag()).toBe(true)
  expect(receivedBy(world, anna.phone)).toHaveLength(1)
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'START' })
  expect(flag()).toBe(false)
})

test('CANCEL by SMS is an answer and an opt-out: both are kept, and nothing is sent back', async () => {
  const anna = patient(world)
  await remind(anna, { action: 'sendSMS' })
  await writes(world, { channel: 'sms', from: anna.phone, text: 'CANCEL' })
  expect(acceptance(anna)).toBe('Declined')
  expect(world.sandbox.crm.record('Lead', anna.lead.id)?.phoneNumberIsOptedOut).toBe(true)
  expect(replies(anna)).toEqual([])
})
