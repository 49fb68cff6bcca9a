import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromGreenapi, fromTwilio, post } from '#support/signed.ts'
import { greenapiInbound, twilioInbound } from '#support/told.ts'
import { meetingOf, notes, patient, startCrmWorld, tasks, workDone, writes } from './crm-world.ts'

let world: Awaited<ReturnType<typeof startCrmWorld>>['world']
beforeAll(async () => {
  ;({ world } = await startCrmWorld())
})
afterAll(() => world.stop())

type Patient = ReturnType<typeof patient>

async function remind(anna: Patient, more: { meeting?: string; provider?: string; leadId?: string } = {}) {
  const { meeting = anna.meeting.id, provider = 'greenapi', leadId = anna.lead.id } = more
  const sent = await world.action('sendWhatsApp', {
    to: anna.phone,
    body: 'Votre consultation est après-demain. Venez-vous ?',
    provider,
    leadId,
    parentType: 'Meeting',
    parentId: meeting,
  })
  expect(sent.status).toBe(200)
  await world.settled()
  await workDone(world)
}

async function tells(request: Parameters<typeof post>[1]) {
  expect((await post(world.url, request)).status).toBe(200)
  await world.settled()
  await workDone(world)
}
const byGreenapi = (anna: Patient, messageData: object, more: object = {}) =>
  tells(fromGreenapi({ ...greenapiInbound(anna.phone, ''), ...more, messageData }))
const byTwilio = (anna: Patient, fields: Record<string, string>) =>
  tells(fromTwilio({ ...twilioInbound(anna.phone, ''), ...fields }, { baseUrl: world.url }))

const acceptance = ({ lead, meeting }: Patient) => {
  const columns = JSON.parse(JSON.stringify(meetingOf(world, meeting.id).leadsColumns))
  return columns[lead.id]?.status
}
const stream = ({ lead }: Patient) => notes(world, lead.id).join('\n')
const asked = ({ lead }: Patient) => tasks(world, lead.id)
const file = (typeMessage: string, downloadUrl: string, mimeType: string) => ({
  typeMessage,
  fileMessageData: { downloadUrl, caption: '', fileName: 'a', mimeType },
})

// chatwoot#10398, #10637, #15770; wuzapi#31; evolution-api#453; green-api/issues#1014; OpenWA#607; {{SWE001}} of Green-API.
describe('after a reminder a person is asked, and the CRM says what came', () => {
  test.each([
    {
      came: file('audioMessage', 'https://files.example/a.oga', 'audio/ogg; codecs=opus'),
      shows: ['message vocal', 'a.oga'],
    },
    { came: file('imageMessage', 'https://files.example/a.jpg', 'image/jpeg'), shows: ['photo', 'a.jpg'] },
    {
      came: file('stickerMessage', 'https://files.example/a.webp', 'image/webp'),
      shows: ['autocollant', 'a.webp'],
    },
    { came: file('videoMessage', '{{SWE002}}', 'video/mp4'), shows: ['vidéo'] },
    {
      came: { typeMessage: 'textMessage', textMessageData: { textMessage: '{{SWE001}}' } },
      shows: ['message illisible'],
    },
    {
      came: { typeMessage: 'reactionMessage', extendedTextMessageData: { text: '👍' } },
      shows: ['réaction', '👍'],
    },
    {
      came: { typeMessage: 'deletedMessage', deletedMessageData: { stanzaId: 'X' } },
      shows: ['message supprimé'],
    },
    {
      came: {
        typeMessage: 'locationMessage',
        locationMessageData: { nameLocation: 'Oui', latitude: 1, longitude: 2 },
      },
      shows: ['position', 'Oui'],
    },
    {
      came: {
        typeMessage: 'contactMessage',
        contactMessageData: {
          displayName: 'Oui',
          vcard: 'BEGIN:VCARD\nTEL;waid=33698765432:+33 6 98 76 54 32\nEND:VCARD',
        },
      },
      shows: ['fiche de contact', '98 76 54 32'],
    },
    { came: { typeMessage: 'aKindOfTomorrow' }, shows: ['message illisible'] },
    ...['1', 'C', 'peut-être', 'Où êtes-vous ?', '🤷', 'demain 15h', '?'].map((textMessage) => ({
      came: { typeMessage: 'textMessage', textMessageData: { textMessage } },
      shows: [],
    })),
  ])('by Green-API: $came.typeMessage $shows', async ({ came, shows }) => {
    const anna = patient(world)
    await remind(anna)
    await byGreenapi(anna, came)
    for (const words of shows) expect(stream(anna)).toContain(words)
    expect(asked(anna)).toHaveLength(1)
    expect(acceptance(anna)).not.toBe('Accepted')
    expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
  })

  test.each([
    {
      came: {
        NumMedia: '1',
        MediaUrl0: 'https://api.twilio.com/Media/MEx',
        MediaContentType0: 'audio/ogg',
        MessageType: 'audio',
      },
      shows: ['message vocal', 'MEx'],
    },
    {
      came: { NumMedia: '1', MediaUrl0: 'https://api.twilio.com/Media/MEy', MediaContentType0: 'text/vcard' },
      shows: ['fiche de contact', 'MEy'],
    },
    { came: { Latitude: '48.85', Longitude: '2.35' }, shows: ['position', '2.35'] },
    { came: { MessageType: 'reaction', Body: '👍' }, shows: ['réaction'] },
    { came: { MessageType: 'unsupported' }, shows: ['message illisible'] },
    {
      came: { FlowData: '{"flow_token":"t","jour":"mardi","heures":["10h","11h"]}' },
      shows: ['formulaire', 'jour: mardi', 'heures: 11h'],
    },
    { came: { ListTitle: 'Mardi 10 h', ListId: 'slot-2' }, shows: ['Mardi 10 h'] },
    { came: {}, shows: ['message illisible'] },
  ])('by Twilio: $came', async ({ came, shows }) => {
    const anna = patient(world)
    await remind(anna, { provider: 'twilio' })
    await byTwilio(anna, came)
    for (const words of shows) expect(stream(anna)).toContain(words)
    expect(asked(anna)).toHaveLength(1)
    expect(acceptance(anna)).not.toBe('Accepted')
  })

  test('a button whose title comes without a Body acts by its title', async () => {
    const anna = patient(world)
    await remind(anna, { provider: 'twilio' })
    await byTwilio(anna, { ButtonText: 'Oui', ButtonPayload: 'x' })
    expect(acceptance(anna)).toBe('Accepted')
  })

  test('nobody is asked for a courtesy, nor for what answers no reminder', async () => {
    const anna = patient(world)
    await remind(anna)
    await writes(world, { channel: 'whatsapp', provider: 'greenapi', from: anna.phone, text: 'merci 🙏' })
    const bruno = patient(world)
    await byGreenapi(bruno, file('audioMessage', 'https://files.example/b.oga', 'audio/ogg'))
    expect([...asked(anna), ...asked(bruno)]).toEqual([])
    expect(stream(bruno)).toContain('message vocal')
  })
})

describe('an edit', () => {
  const said = (text: string) => ({ typeMessage: 'textMessage', textMessageData: { textMessage: text } })
  const edit = (text: string) => ({
    typeMessage: 'editedMessage',
    editedMessageData: { textMessage: text, stanzaId: 'EDITED' },
  })
  const same = { idMessage: 'EDITED', timestamp: Math.floor(Date.now() / 1_000) }

  test('of what acted is shown, and a person is asked, once however often it is told', async () => {
    const anna = patient(world)
    await remind(anna)
    await byGreenapi(anna, said('Oui'), same)
    expect(acceptance(anna)).toBe('Accepted')
    await byGreenapi(anna, edit('Non, je ne peux pas'), same)
    await byGreenapi(anna, edit('Non, je ne peux pas'), same)
    expect(stream(anna)).toContain('message modifié')
    expect(stream(anna)).toContain('Non, je ne peux pas')
    expect(asked(anna)).toHaveLength(1)
    await byGreenapi(anna, edit('Non'), same)
    expect(asked(anna)).toHaveLength(2)
  })

  test('to a STOP is one', async () => {
    const anna = patient(world)
    await remind(anna)
    await byGreenapi(anna, said('Bonjour'), same)
    await byGreenapi(anna, edit('STOP'), same)
    const next = await world.action('sendWhatsApp', { to: anna.phone, body: 'x', provider: 'greenapi' })
    expect([next.status, next.body.error?.code]).toEqual([422, 'suppressed'])
  })
})

describe('which appointment is meant', () => {
  const another = (anna: Patient, hours = 72) =>
    world.sandbox.crm.meeting({
      name: 'Contrôle',
      dateStart: new Date(Date.now() + hours * 3_600_000),
      leads: [anna.lead.id],
    })
  const says = (anna: Patient, text: string) =>
    writes(world, { channel: 'whatsapp', provider: 'greenapi', from: anna.phone, text })
  const move = (id: string, fields: object) => {
    const { ESPOCRM_URL: url, ESPOCRM_API_KEY: apiKey = '' } = world.sandbox.environment
    return fetch(`${url}/api/v1/Meeting/${id}`, {
      method: 'PUT',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    })
  }

  test('is for a person to say where two were asked about and neither is answered', async () => {
    const anna = patient(world)
    const other = another(anna)
    await remind(anna)
    await remind(anna, { meeting: other.id })
    await says(anna, 'Non')
    expect(asked(anna).map(({ name }) => name)).toEqual([expect.stringContaining('plusieurs rendez-vous')])
    for (const id of [anna.meeting.id, other.id]) expect(meetingOf(world, id).status).toBe('Planned')
    await says(anna, 'Oui')
    expect(asked(anna)).toHaveLength(2)
  })

  test('is plain where the other is answered, called off or over, and where it was asked about twice', async () => {
    const anna = patient(world)
    await remind(anna)
    await says(anna, 'Oui')
    const other = another(anna)
    await remind(anna, { meeting: other.id })
    await remind(anna, { meeting: other.id })
    await says(anna, 'Non')
    expect(asked(anna)).toEqual([])
    expect(meetingOf(world, other.id).status).toBe('Not Held')
    expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
  })

  test('is plain where a button names it', async () => {
    const anna = patient(world)
    const other = another(anna)
    await remind(anna)
    await remind(anna, { meeting: other.id })
    await byTwilio(anna, { Body: 'Confirmer', ButtonPayload: `confirm:${anna.meeting.id}` })
    expect(acceptance(anna)).toBe('Accepted')
    expect(asked(anna)).toEqual([])
  })

  test.each(['Oui', 'Non'])(
    'is for a person to say where it was moved since the reminder, and «%s» changes nothing',
    async (text) => {
      const anna = patient(world)
      await remind(anna)
      await move(anna.meeting.id, { dateStart: '2031-01-02 10:00:00', dateEnd: '2031-01-02 11:00:00' })
      await says(anna, text)
      expect(asked(anna).map(({ name }) => name)).toEqual([expect.stringContaining('déplacé')])
      expect([acceptance(anna), meetingOf(world, anna.meeting.id).status]).toEqual(['None', 'Planned'])
      // Asked about anew, at its new time.
      await remind(anna)
      await says(anna, text)
      expect(acceptance(anna)).toBe(text === 'Oui' ? 'Accepted' : 'Declined')
    },
  )
})
