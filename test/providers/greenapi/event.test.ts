import { describe, expect, it } from 'vitest'
import { greenapiWebhook } from '#providers/greenapi/webhook.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { eventsOf, fixtureItem } from '#support/webhook-conformance.ts'
import { customers } from './customers.ts'
import { posted, token } from './posted.ts'

const webhook = greenapiWebhook({ tokens: [token], instanceId: '1101000001', country: 'FR' })
const id = (number: number) => `F7AEC1B7086ECDC7E6E45923F5EDB${String(number).padStart(3, '0')}`
const eventOf = (item: unknown) => eventsOf(webhook, posted(item))[0]
const base = {
  typeWebhook: 'outgoingMessageStatus',
  instanceData: { idInstance: 1101000001 },
  chatId: '33612345678@c.us',
  idMessage: 'A',
  timestamp: 1_586_700_802,
}

describe('a notification', () => {
  it.each(customers)('says no more than the customer did: $file', ({ file, expected }) => {
    expect(eventOf(fixtureItem('greenapi', file))?.inbound).toEqual(expected.inbound)
  })

  it('has an id of chat and message, since idMessage is unique in its chat only', () => {
    expect(eventOf(fixtureItem('greenapi', 'fixtures/text.json'))?.eventId).toBe(
      `1101000001:incomingMessageReceived:33612345678@c.us:${id(1)}`,
    )
    expect(eventOf({ ...base, status: 'read', chatId: '33698765432@c.us' })?.eventId).not.toBe(
      eventOf({ ...base, status: 'read' })?.eventId,
    )
  })

  it('tells two events of one call apart', () => {
    const call = { ...base, typeWebhook: 'incomingCall' }
    expect(eventOf({ ...call, status: 'offer' })?.eventId).not.toBe(
      eventOf({ ...call, status: 'missed' })?.eventId,
    )
  })

  it.each([
    ['notInGroup', 'failed'],
    ['failed', 'failed'],
    ['pending', 'unknown'],
    ['constructor', 'unknown'],
    ['noActiveSession', 'unknown'],
  ])('of status %s is %s', (word, type) => {
    expect(eventOf({ ...base, status: word })).toMatchObject({ type, providerType: word })
  })

  it('of a status without sendByApi is taken as one of ours', () => {
    expect(eventOf({ ...base, status: 'delivered' })?.type).toBe('delivered')
    expect(eventOf({ ...base, status: 'delivered', sendByApi: false })?.type).toBe('unknown')
  })

  it('of another instance is unreadable, its id as a number or a text', () => {
    for (const idInstance of [1101000002, '1101000002'])
      expect(() => eventOf({ ...base, status: 'read', instanceData: { idInstance } })).toThrow(UnreadableItem)
    expect(eventOf({ ...base, status: 'read', instanceData: { idInstance: '1101000001' } })?.type).toBe(
      'read',
    )
  })

  it('with an unexpected field loses that field only', () => {
    const item = {
      ...base,
      typeWebhook: 'incomingMessageReceived',
      timestamp: 'now',
      senderData: { chatId: '33612345678@c.us' },
      messageData: {
        typeMessage: 'listResponseMessage',
        quotedMessage: 7,
        listResponseMessage: { title: 'Mardi', singleSelectReply: { selectedRowId: 'slot-2' }, stanzaId: 5 },
      },
    }
    expect(eventOf(item)).toMatchObject({
      type: 'received',
      occurredAt: new Date('2026-11-22T10:15:00Z'),
      inbound: { text: 'Mardi', buttonPayload: 'slot-2', repliedTo: undefined },
    })
  })

  it.each([
    ['outgoingMessageStatus', { chatId: '123456789012345@lid', status: 'read' }],
    ['outgoingAPIMessageReceived', { chatId: undefined, senderData: { chatId: '123456789012345@lid' } }],
  ])(
    '(%s) of a chat by alias tells the alias, and leaves the recipient to the message that it is about',
    (typeWebhook, more) => {
      expect(eventOf({ ...base, typeWebhook, ...more })).toMatchObject({
        recipient: undefined,
        alias: { name: '123456789012345@lid' },
      })
    },
  )

  const number = '33612345678@c.us'
  const lid = '123456789012345@lid'
  it.each([
    ['alias and number', lid, number, '+33612345678', { name: lid, address: '+33612345678' }],
    ['number and alias', number, lid, '+33612345678', { name: lid, address: '+33612345678' }],
    ['the alias alone', lid, lid, lid, { name: lid }],
    ['the number alone', number, number, '+33612345678', undefined],
    ['the number of a device', '33612345678:7@c.us', '33612345678:7@c.us', '+33612345678', undefined],
    [
      'the number as other versions write it',
      '33612345678@s.whatsapp.net',
      number,
      '+33612345678',
      undefined,
    ],
    ['a hosted number', '33612345678@hosted', '33612345678.0:3@hosted', '+33612345678', undefined],
    ['the alias of a device', '123456789012345:7@lid', lid, lid, { name: lid }],
    ['the number, and ourselves', number, '33757000000@c.us', '+33612345678', undefined],
    ['the number, and ourselves by a device', number, '33757000000:3@c.us', '+33612345678', undefined],
    ['an alias, and ourselves', lid, '33757000000@c.us', lid, { name: lid }],
    ['the number, and another one', number, '33698765432@c.us', '+33612345678', undefined],
    ['an alias and nonsense', lid, 'x@c.us', lid, { name: lid }],
  ])('of a customer whose chat and sender are %s', (_what, chatId, sender, address, alias) => {
    const event = eventOf({
      ...base,
      instanceData: { ...base.instanceData, wid: '33757000000@c.us' },
      typeWebhook: 'incomingMessageReceived',
      senderData: { chatId, sender },
      messageData: { typeMessage: 'textMessage', textMessageData: { textMessage: 'Oui' } },
    })
    expect(event?.inbound?.sender).toBe(address)
    expect(event?.alias).toEqual(alias)
  })

  it('that is not JSON is unreadable as a whole', () => {
    expect(() => webhook.items({ ...posted({}), body: Buffer.from('{"typeWebhook":') })).toThrow(
      UnreadableItem,
    )
  })

  it('is always answered with 200', () => {
    expect(webhook.answer(posted({}))).toEqual({ status: 200 })
  })
})
