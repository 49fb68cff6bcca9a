import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { greenapiAsk } from '#providers/greenapi/ask.ts'
import { greenapiInboundSince } from '#providers/greenapi/inbound-list.ts'
import { credentials } from '#sandbox/credentials.ts'
import { localApi } from '#support/local-api.ts'
import { asked, receivedBy } from '#support/sends.ts'
import { fromGreenapi, post } from '#support/signed.ts'
import { greenapiInbound, greenapiStatus, silentNumber, timeline } from '#support/told.ts'
import type { World } from '#support/world.ts'
import { notes, startCrmWorld, workDone } from '../crm/crm-world.ts'

/** Whatever a person is called by Green-API: its issues 541, 826, 883 and 982, green-api/docs#22. */

let world: World
beforeAll(async () => {
  ;({ world } = await startCrmWorld())
})
afterAll(() => world.stop())

const own = credentials.greenapi.phone
let people = 880_000_000_000_00
const newLid = () => `${++people}@lid`
const newId = () => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`

interface Written {
  text: string
  chatId: string
  sender?: string
  idMessage?: string
  quotes?: string
}

async function wrote({ text, chatId, sender = chatId, idMessage = newId(), quotes }: Written) {
  const messageData = quotes
    ? { typeMessage: 'quotedMessage', extendedTextMessageData: { text, stanzaId: quotes } }
    : { typeMessage: 'textMessage', textMessageData: { textMessage: text } }
  const notification = {
    ...greenapiInbound('+33600000000', text),
    idMessage,
    senderData: { chatId, sender, chatName: 'X', senderName: 'X' },
    messageData,
  }
  expect((await post(world.url, fromGreenapi(notification))).status).toBe(200)
  await workDone(world)
  return received(idMessage)
}

const received = (idMessage: string) =>
  world.database.query(
    `select sender, tenant_id from messages where provider_message_id = $1 and direction = 'inbound'`,
    [idMessage],
  )

const send = (to: string) => world.action('sendWhatsApp', { to, body: 'Bonjour', provider: 'greenapi' })
const suppressed = { status: 422, body: { error: { code: 'suppressed' } } }
const digits = (number: string) => number.slice(1)

describe('in a chat of two the customer is the chat', () => {
  test.each([
    { what: 'our own number as sender', chat: 'c.us', sender: `${own}@c.us` },
    { what: 'our own number by a device as sender', chat: 'c.us', sender: `${own}:3@c.us` },
    { what: 'a device in both', chat: ':7@c.us', sender: undefined },
    { what: 'WhatsApp’s own spelling', chat: '@s.whatsapp.net', sender: undefined },
    { what: 'a hosted number', chat: '@hosted', sender: undefined },
    { what: 'a hosted number of a device', chat: '.0:3@hosted', sender: undefined },
    { what: 'a device as other versions write it', chat: '.0:3@s.whatsapp.net', sender: undefined },
    { what: 'a lid as sender', chat: 'c.us', sender: 'lid' },
    { what: 'nobody as sender', chat: 'c.us', sender: '' },
  ])('with $what: STOP is theirs', async ({ chat, sender }) => {
    const to = silentNumber()
    expect(await send(to)).toMatchObject({ status: 200 })
    const chatId = digits(to) + (chat === 'c.us' ? '@c.us' : chat)
    const by = sender === 'lid' ? newLid() : sender
    expect(await wrote({ text: 'STOP', chatId, ...(by !== undefined && { sender: by }) })).toEqual([
      { sender: to, tenant_id: 't1' },
    ])
    expect(await send(to)).toMatchObject(suppressed)
  })

  test('a lid whose sender is our own number is not ours', async () => {
    const lid = newLid()
    expect(await wrote({ text: 'Bonjour', chatId: lid, sender: `${own}@c.us` })).toEqual([
      { sender: lid, tenant_id: null },
    ])
    expect(await world.database.query('select 1 from contact_aliases where alias = $1', [lid])).toEqual([])
  })

  test('what we write to ourselves is nobody’s', async () => {
    expect(await wrote({ text: 'STOP', chatId: `${own}@c.us` })).toEqual([])
  })

  test('a group stays a group', async () => {
    expect(
      await wrote({ text: 'STOP', chatId: '120363020000000000@g.us', sender: '33612345678@c.us' }),
    ).toEqual([])
  })
})

/** https://green-api.com/en/docs/faq/features-of-sending-and-receiving-messages-from-different-countries/ */
describe('a Brazilian mobile, whose ninth digit WhatsApp knows in some areas', () => {
  const areas = [
    { area: '11', ninth: '9' },
    { area: '19', ninth: '9' },
    { area: '21', ninth: '9' },
    { area: '24', ninth: '9' },
    { area: '28', ninth: '9' },
    { area: '31', ninth: '' },
    { area: '48', ninth: '' },
    { area: '61', ninth: '' },
    { area: '92', ninth: '' },
  ]
  const mobile = () => `8${String(++people).slice(-5)}85`

  test.each(areas)('of the area $area is written to as WhatsApp knows it', async ({ area, ninth }) => {
    for (const written of ['9', '']) {
      const rest = mobile()
      expect(await send(`+55${area}${written}${rest}`)).toMatchObject({ status: 200 })
      expect(receivedBy(world, `+55${area}${ninth}${rest}`)).toHaveLength(1)
      expect(world.sandbox.received().filter(({ to }) => to.endsWith(rest))).toHaveLength(1)
    }
  })

  test.each(areas)('of the area $area is one person by either writing', async ({ area }) => {
    for (const told of ['9', '']) {
      const rest = mobile()
      const to = `+55${area}9${rest}`
      const chatId = `55${area}${told}${rest}@c.us`
      const { body } = await send(to)
      const status = { messageId: body.messageId, entityId: body.entityId, to }
      const notification = { ...greenapiStatus(status, 'delivered'), chatId }
      expect((await post(world.url, fromGreenapi(notification))).status).toBe(200)
      expect((await timeline(world, body.messageId)).message.status).toBe('delivered')
      expect(await wrote({ text: 'STOP', chatId })).toEqual([{ sender: to, tenant_id: 't1' }])
      expect(await send(to)).toMatchObject(suppressed)
      expect(await send(`+55${area}${rest}`)).toMatchObject(suppressed)
    }
  })

  test('is asked about under the name that it was written to by', async () => {
    const rest = mobile()
    const { body } = await send(`+55489${rest}`)
    expect((await timeline(world, body.messageId)).message.status).toBe('queued')
    await asked(world, body.messageId)
    expect((await timeline(world, body.messageId)).message.status).toBe('read')
  })

  test.each([
    ['a landline', '+554832123485', '+554832123485'],
    ['another country’s', '+33612000085', '+33612000085'],
  ])('not so %s', async (_what, to, as) => {
    expect(await send(to)).toMatchObject({ status: 200 })
    expect(receivedBy(world, as)).toHaveLength(1)
  })
})

describe('an unknown lid', () => {
  test('that quotes a message of ours is the person of that message, and stays it', async () => {
    const to = silentNumber()
    const sent = await send(to)
    const lid = newLid()
    expect(await wrote({ text: 'Oui', chatId: lid, quotes: sent.body.entityId })).toEqual([
      { sender: to, tenant_id: 't1' },
    ])
    expect(await wrote({ text: 'STOP', chatId: lid })).toEqual([{ sender: to, tenant_id: 't1' }])
    expect(await send(to)).toMatchObject(suppressed)
    expect(await send(lid)).toMatchObject(suppressed)
  })

  test('with a device is the same as without', async () => {
    const to = silentNumber()
    const lid = newLid()
    await wrote({ text: 'Bonjour', chatId: lid, sender: `${digits(to)}@c.us` })
    await wrote({ text: 'STOP', chatId: lid.replace('@', ':4@') })
    expect(await send(to)).toMatchObject(suppressed)
  })

  test('may be written to, as it is', async () => {
    const lid = newLid().replace('@', '85@')
    expect(await send(lid)).toMatchObject({ status: 200 })
    expect(receivedBy(world, lid)).toHaveLength(1)
    expect(await world.action('sendWhatsApp', { to: lid, body: 'x', provider: 'twilio' })).toMatchObject({
      status: 400,
    })
  })
})

describe('one message under two spellings of its chat', () => {
  const both = (to: string) => [
    { chatId: `${digits(to)}@c.us`, sender: `${digits(to)}@c.us` },
    { chatId: newLid(), sender: `${digits(to)}@c.us` },
    { chatId: newLid(), sender: newLid() },
    { chatId: `${digits(to)}:7@c.us`, sender: '' },
  ]
  test.each([
    [0, 1],
    [1, 0],
    [0, 2],
    [2, 0],
    [0, 3],
    [2, 1],
  ])('%i and %i is one', async (first, second) => {
    const to = silentNumber()
    const lead = world.sandbox.crm.lead({ firstName: 'Anna', lastName: `L${people}`, phone: to })
    const idMessage = newId()
    const spellings = both(to)
    for (const at of [first, second, first]) {
      const spelling = spellings[at]
      if (spelling) await wrote({ text: 'Une question', idMessage, ...spelling })
    }
    expect(await received(idMessage)).toMatchObject([{ sender: to }])
    expect(notes(world, lead.id).filter((note) => note.includes('Une question')).length).toBeLessThan(2)
    if (first === 0) expect(notes(world, lead.id).join()).toContain('Une question')
  })

  test('at the same moment is one', async () => {
    const to = silentNumber()
    const idMessage = newId()
    await Promise.all(both(to).map((spelling) => wrote({ text: 'Une question', idMessage, ...spelling })))
    expect(await received(idMessage)).toMatchObject([{ sender: to }])
  })

  test('as a webhook and in the hourly list is one', async () => {
    const to = silentNumber()
    const [number, lid] = both(to)
    for (const [told, listed] of [
      [number, lid],
      [lid, number],
    ]) {
      const idMessage = newId()
      await wrote({ text: 'Une question', idMessage, chatId: '', ...told })
      const timestamp = Math.floor(Date.now() / 1_000)
      const item = {
        type: 'incoming',
        idMessage,
        timestamp,
        typeMessage: 'textMessage',
        textMessage: 'Une question',
      }
      const list = [{ ...item, chatId: listed?.chatId, senderId: listed?.sender }]
      const api = await localApi(({ path }) => ({
        status: 200,
        body: path.includes('getSettings') ? { wid: `${own}@c.us` } : list,
      }))
      const { instanceId } = credentials.greenapi
      const ask = greenapiAsk({ instanceId, token: 't', apiUrl: api.url, now: () => new Date() })
      const since = greenapiInboundSince(ask, { instanceId, country: 'FR' }, () => new Date())
      const events = await since(new Date(Date.now() - 60_000))
      expect(events).toHaveLength(1)
      await world.database.store.recordEvents({
        events: events.map((event) => ({ event, requestId: undefined })),
        outcomes: [],
        quarantined: [],
      })
      expect(await received(idMessage)).toMatchObject([{ sender: to }])
    }
  })

  test('of two people whose numbers are known is two', async () => {
    const idMessage = newId()
    for (const to of [silentNumber(), silentNumber()])
      await wrote({ text: 'Une question', idMessage, chatId: `${digits(to)}@c.us` })
    expect(await received(idMessage)).toHaveLength(2)
  })
})
