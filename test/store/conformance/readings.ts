import { expect, it } from 'vitest'
import type { EventReading, Inbound, MessageEvent } from '#src/model/event.ts'
import { eventRow } from '#src/store/rows.ts'
import type { TestStore } from '#support/database.ts'
import { at, customer, record, reserve } from '#support/facts.ts'

type Every<Fields> = { [Field in keyof Fields]-?: NonNullable<Fields[Field]> }

// A field of an event that one of these lacks does not compile; one that SQL does not read fails below.

/** All that is read in one event which nobody's message is known for; `messageId` and `inbound` have tests of their own. */
const read: Omit<Every<Pick<MessageEvent, keyof EventReading>>, 'messageId' | 'inbound'> = {
  type: 'bounced',
  providerType: 'bounce',
  occurredAt: at(10),
  channel: 'email',
  providerMessageId: 'provider-1',
  recipient: 'a@example.com',
  reason: 'no such user',
  code: '5.1.1',
  bounceClass: 'hard',
  url: 'https://example.com/1',
  machine: true,
  guess: true,
  consent: 'withdrawn',
  via: 'rcs',
  providerState: { state: 'starting', open: false },
  alias: { name: 'a@lid', address: customer },
}
const otherwise: typeof read = {
  type: 'failed',
  providerType: 'fail',
  occurredAt: at(20),
  channel: 'sms',
  providerMessageId: 'provider-2',
  recipient: 'b@example.com',
  reason: 'away',
  code: '4.2.1',
  bounceClass: 'soft',
  url: 'https://example.com/2',
  machine: false,
  guess: false,
  consent: 'given',
  via: 'messenger',
  providerState: { state: 'authorized', open: true },
  alias: { name: 'b@lid', address: '+33600000002' },
}
/** How the event came: no reading changes it. */
const came: Every<Omit<MessageEvent, keyof EventReading>> = {
  provider: 'twilio',
  eventId: 'event-1',
  source: 'webhook',
  receivedAt: at(30),
  raw: { event: 'bounce' },
}

const wrote: Every<Inbound> = {
  sender: customer,
  recipient: '+33700000000',
  text: 'Oui',
  buttonPayload: 'confirm',
  media: [{ url: 'https://example.com/1.png', contentType: 'image/png' }],
  repliedTo: 'provider-1',
}
const wroteOtherwise: Every<Inbound> = {
  sender: '+33600000002',
  recipient: '+33700000009',
  text: 'Non',
  buttonPayload: 'cancel',
  media: [{ url: 'https://example.com/2.png', contentType: 'image/png' }],
  repliedTo: 'provider-2',
}

/** What the row of an event says where one of these is not told; else nothing. */
const untold = new Map<string, unknown>([
  ['machine', false],
  ['guess', false],
  // It is known by the alias.
  ['recipient', customer],
])

export function readingSuite(current: () => TestStore): void {
  const first: MessageEvent = { ...read, ...came }
  const kind = { type: 'received', providerType: 'received', occurredAt: at(10), channel: 'sms' } as const
  const received: MessageEvent = { ...came, ...kind, inbound: wrote }

  const rewrite = async (told: MessageEvent) => {
    const rows = [eventRow({ event: told, requestId: 'another request' })]
    return (await current().store.rewriteEvents(rows, { dryRun: false })).changed.map(({ after }) => after)
  }
  const rowOf = async (table: 'message_events' | 'messages') => {
    const [found] = await current().query(`select to_jsonb(t) as row from ${table} t`)
    return found?.row
  }

  it.each(Object.entries(first))('%s is kept with its event', async (field, value) => {
    await record(current().store, [first])
    expect(await rowOf('message_events')).toMatchObject(columnsOf(field, value))
  })

  it.each(Object.entries(otherwise))(
    '%s is rewritten where a replay reads it otherwise',
    async (field, value) => {
      await record(current().store, [first])
      const columns = columnsOf(field, value)
      expect(await rewrite({ ...first, [field]: value })).toEqual([columns])
      expect(await rowOf('message_events')).toMatchObject(columns)
    },
  )

  it.each(Object.keys(read).filter((field) => !['type', 'providerType', 'occurredAt'].includes(field)))(
    '%s is gone where a replay does not read it any more',
    async (field) => {
      await record(current().store, [first])
      await rewrite({ ...first, [field]: undefined })
      expect(await rowOf('message_events')).toMatchObject(columnsOf(field, untold.get(field)))
    },
  )

  it('messageId that a replay reads names the message that the event is about', async () => {
    const messageId = await reserve(current().store, { channel: 'email' })
    const told = { ...first, guess: undefined }
    await record(current().store, [told])
    expect(await rewrite({ ...told, messageId })).toEqual([{ message_id: messageId }])
    expect(await rowOf('message_events')).toMatchObject({ message_id: messageId, tenant_id: 'acme' })
  })

  it('how an event came is not changed by what is read in it', async () => {
    await record(current().store, [first])
    const before = await rowOf('message_events')
    expect(await rewrite({ ...first, receivedAt: at(60), raw: 'another' })).toEqual([])
    await rewrite({ ...first, ...otherwise, receivedAt: at(60), raw: 'another' })
    const columns = Object.entries(came).map(([field, value]) => columnsOf(field, value))
    expect(await rowOf('message_events')).toMatchObject(
      Object.assign({ request_id: 'request-2' }, ...columns),
    )
    expect(await rowOf('message_events')).not.toEqual(before)
  })

  it.each(Object.entries(wrote))(
    '%s of what a person wrote is kept with its message',
    async (field, value) => {
      await record(current().store, [received])
      expect(await rowOf('messages')).toMatchObject(columnsOf(field, value))
    },
  )

  it.each(Object.entries(wroteOtherwise))(
    '%s of what a person wrote is rewritten where a replay reads it otherwise',
    async (field, value) => {
      await record(current().store, [received])
      expect(await rewrite({ ...received, inbound: { ...wrote, [field]: value } })).toHaveLength(1)
      expect(await rowOf('messages')).toMatchObject(columnsOf(field, value))
    },
  )
}

/** A field of an event as its row says it. */
function columnsOf(field: string, value: unknown): Record<string, unknown> {
  if (field === 'guess') return { guessable: value }
  if (field === 'alias') {
    const { name = null, address = null } = Object(value)
    return { alias: name, alias_of: address }
  }
  const column = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return {
    [column]: value instanceof Date ? value.toISOString().replace('.000Z', '+00:00') : (value ?? null),
  }
}
