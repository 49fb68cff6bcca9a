import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { TestStore } from '#support/database.ts'
import {
  accepted,
  address,
  at,
  customer,
  event,
  messageOf,
  newMessage,
  record,
  reserve,
  reserving,
  timeline,
} from '#support/facts.ts'

export function eventSuite(current: () => TestStore): void {
  it('an event told again is kept once', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const told = event({ messageId })
    expect(await record(store, [told])).toMatchObject({ recorded: 1, repeated: 0 })
    expect(await record(store, [told])).toMatchObject({ recorded: 0, repeated: 1 })
    expect((await timeline(store, messageId)).events).toHaveLength(1)
  })

  it('two copies in one batch are one event, at its earliest time', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const told = event({ messageId, occurredAt: at(9) })
    const copies = [{ ...told, occurredAt: at(12) }, told, told]
    expect(await record(store, copies)).toMatchObject({ recorded: 1, repeated: 2 })
    expect(new Date(String((await messageOf(store, messageId)).delivered_at))).toEqual(at(9))
  })

  it('the same event id of another provider is another event', async () => {
    const { store } = current()
    const told = event()
    expect(await record(store, [told, { ...told, provider: 'greenapi' }])).toMatchObject({ recorded: 2 })
  })

  it('an event finds its message by our id, with the tenant and lead of the message', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [event({ messageId })])
    const { events } = await timeline(store, messageId)
    expect(events[0]).toMatchObject({
      tenant_id: 'acme',
      lead_id: 'lead-1',
      recipient: customer,
      guessed: false,
    })
  })

  it("an event finds its message by the provider's id, of the same provider only", async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [], [accepted(messageId, 'SM1')])
    const mine = event({ providerMessageId: 'SM1' })
    const stranger = event({ providerMessageId: 'SM1', provider: 'greenapi' })
    expect(await record(store, [mine, stranger])).toMatchObject({ recorded: 2, parked: 1 })
    expect((await timeline(store, messageId)).events).toHaveLength(1)
  })

  it('an event that names nothing is guessed by recipient and time, and marked', async () => {
    const { store } = current()
    await reserve(store, { channel: 'email' })
    const latest = newMessage({ channel: 'email' })
    await store.reserveMessage(latest, { ...reserving, now: at(5) })
    await record(store, [event({ ...bounce, guess: true, occurredAt: at(60) })])
    const { events, message } = await timeline(store, latest.message.id)
    expect(events[0]).toMatchObject({ guessed: true })
    expect(message).toMatchObject({ status: 'bounced' })
  })

  it('nothing is guessed where it may not be: no leave, an id of its own, another address, too long ago', async () => {
    const { store } = current()
    await reserve(store, { channel: 'email' })
    const told = await record(store, [
      event({ ...bounce }),
      event({ ...bounce, guess: true, messageId: randomUUID() }),
      event({ ...bounce, guess: true, providerMessageId: 'of-somebody-else' }),
      event({ ...bounce, guess: true, recipient: 'other@example.com' }),
      event({ ...bounce, guess: true, occurredAt: at(8 * 86_400) }),
      event({ ...bounce, guess: true, occurredAt: at(-600) }),
    ])
    expect(told).toMatchObject({ recorded: 6, parked: 6 })
    expect((await store.matchParked({ now: at(60) })).matched).toBe(0)
  })

  it('nothing is guessed for a message that was never tried', async () => {
    const { store } = current()
    await reserve(store, { channel: 'email', sendAt: at(3_600) })
    expect(await record(store, [event({ ...bounce, guess: true })])).toMatchObject({ parked: 1 })
  })

  it('a receipt that comes before the outcome of the send is parked, then adopted', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    expect(await record(store, [event({ providerMessageId: 'SM2' })])).toMatchObject({ parked: 1 })
    await record(store, [], [accepted(messageId, 'SM2')])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'delivered' })
  })

  it('a receipt and the outcome in one batch find together', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [event({ providerMessageId: 'SM3' })], [accepted(messageId, 'SM3')])
    expect(await messageOf(store, messageId)).toMatchObject({
      status: 'delivered',
      provider_message_id: 'SM3',
    })
  })

  it("a receipt whose message appears later is matched by the worker's look, for a day", async () => {
    const { store } = current()
    await record(store, [event({ ...bounce, guess: true, occurredAt: at(60), receivedAt: at(60) })])
    const messageId = await reserve(store, { channel: 'email' })
    expect((await store.matchParked({ now: at(2 * 86_400) })).matched).toBe(0)
    expect((await store.matchParked({ now: at(120) })).matched).toBe(1)
    expect((await store.matchParked({ now: at(120) })).matched).toBe(0)
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'bounced' })
  })

  it('what a person writes becomes one inbound message of the tenant that wrote last', async () => {
    const { store } = current()
    await reserve(store, { tenantId: 'first' })
    const last = newMessage({ tenantId: 'last', leadId: 'lead-2' })
    await store.reserveMessage(last, { ...reserving, now: at(5) })
    await store.reserveMessage(newMessage({ tenantId: 'otherSender', sender: '+33799999999' }), {
      ...reserving,
      now: at(6),
    })
    const told = event({
      type: 'received',
      providerMessageId: 'SM4',
      recipient: '+33700000000',
      inbound: { sender: customer, recipient: '+33700000000', text: 'OUI', buttonPayload: 'confirm' },
    })
    await record(store, [told, told])
    await record(store, [told])
    const inbound = (await store.listMessages({ limit: 10 })).filter(
      (message) => message.direction === 'inbound',
    )
    expect(inbound).toEqual([
      expect.objectContaining({
        tenant_id: 'last',
        lead_id: 'lead-2',
        sender: customer,
        recipient: '+33700000000',
        button_payload: 'confirm',
        status: 'received',
      }),
    ])
    const { message, events } = await timeline(store, String(inbound[0]?.id))
    expect(message.text).toBe('OUI')
    expect(events).toHaveLength(1)
  })

  it('a tenant that writes last to a person who answers another takes over no answer, unless it is quoted', async () => {
    const { store } = current()
    const writes = (seconds: number, more: object = {}) =>
      record(store, [
        event({
          type: 'received',
          providerMessageId: `IN${seconds}`,
          occurredAt: at(seconds),
          inbound: { sender: customer, recipient: '+33700000000', text: 'Bonjour', ...more },
        }),
      ])
    const tenants = async () =>
      (await store.listMessages({ limit: 20 }))
        .filter(({ direction }) => direction === 'inbound')
        .map(({ tenant_id: tenant }) => tenant)
        .toReversed()
    const sent = async (tenantId: string, sid: string, seconds: number) => {
      const message = newMessage({ tenantId, sender: '+33700000000' })
      await store.reserveMessage(message, { ...reserving, now: at(seconds) })
      await record(store, [], [accepted(message.message.id, sid)])
    }
    await sent('first', 'SM1', 1)
    await writes(10)
    await sent('other', 'SM2', 20)
    await writes(30)
    await writes(40, { repliedTo: 'SM2' })
    expect(await tenants()).toEqual(['first', 'first', 'other'])
    // Who was answered once is no stranger any more.
    await sent('other', 'SM3', 50)
    await writes(60)
    expect(await tenants()).toEqual(['first', 'first', 'other', 'other'])
  })

  it('an inbound message from a stranger has no tenant', async () => {
    const { store } = current()
    const inbound = { sender: '+33612345678', recipient: '+33700000000', text: 'Hello' }
    await record(store, [event({ type: 'received', inbound })])
    expect(await store.listMessages({ limit: 10 })).toEqual([expect.objectContaining({ tenant_id: null })])
  })
}

const bounce = { provider: 'sendgrid', channel: 'email', type: 'bounced', recipient: address } as const
