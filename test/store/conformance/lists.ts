import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { MessageFilter } from '#src/store/kept.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, at, event, newMessage, record, reserve, reserving } from '#support/facts.ts'

export function listSuite(current: () => TestStore): void {
  it('pages follow each other by the cursor without gap or repeat, also within one moment', async () => {
    const { store } = current()
    for (const seconds of [0, 1, 1, 1, 2])
      await store.reserveMessage(newMessage(), { ...reserving, now: at(seconds) })
    const whole = await store.listMessages({ limit: 10 })
    const seen: unknown[] = []
    let before: MessageFilter['before']
    for (let page = 0; page < 3; page++) {
      const rows = await store.listMessages({ limit: 2, before })
      seen.push(...rows.map((message) => message.id))
      const last = rows.at(-1)
      before = { createdAt: String(last?.created_at), id: String(last?.id) }
    }
    expect(seen).toEqual(whole.map((message) => message.id))
    expect(new Set(seen).size).toBe(5)
  })

  it('each filter gives what it names and nothing else', async () => {
    const { store } = current()
    const mail = await reserve(store, {
      channel: 'email',
      tenantId: 'mail',
      leadId: 'lead-9',
      to: 'm@example.com',
    })
    await reserve(store)
    await record(store, [event({ messageId: mail, type: 'opened' })])
    const filters: Partial<MessageFilter>[] = [
      { tenantId: 'mail' },
      { leadId: 'lead-9' },
      { to: 'm@example.com' },
      { status: 'opened' },
      { channel: 'email' },
      { tenantId: 'mail', leadId: 'lead-9', to: 'm@example.com', status: 'opened', channel: 'email' },
    ]
    for (const filter of filters)
      expect((await store.listMessages({ limit: 10, ...filter })).map((message) => message.id)).toEqual([
        mail,
      ])
    expect(await store.listMessages({ limit: 10, tenantId: 'mail', channel: 'sms' })).toEqual([])
  })

  it("another tenant's message is not there", async () => {
    const { store } = current()
    const messageId = await reserve(store)
    expect(await store.getMessage(messageId, 'other', false)).toBeNull()
    expect(await store.getMessage(messageId, 'acme', false)).not.toBeNull()
    expect(await store.getMessage(randomUUID(), undefined, false)).toBeNull()
  })

  it('a timeline is told oldest first, within one second in the order things can happen, raw only on request', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const types = ['read', 'delivered', 'sent', 'queued'] as const
    await record(
      store,
      types.map((type) => event({ messageId, type })),
    )
    await record(store, [event({ messageId, type: 'failed', occurredAt: at(5) })])
    const found = await store.getMessage(messageId, 'acme', false)
    expect(found?.events.map(({ type }) => type)).toEqual(['failed', 'queued', 'sent', 'delivered', 'read'])
    expect(found?.events[0]).not.toHaveProperty('raw')
  })

  it('events without a message are listed as unmatched, newest first', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [event({ messageId })])
    await record(store, [event({ eventId: 'first' })])
    await record(store, [event({ eventId: 'second' })])
    const unmatched = await store.listEvents({ unmatched: true, limit: 10 })
    expect(unmatched.map(({ event_id }) => event_id)).toEqual(['second', 'first'])
    const next = await store.listEvents({ unmatched: true, limit: 10, beforeId: Number(unmatched[0]?.id) })
    expect(next.map(({ event_id }) => event_id)).toEqual(['first'])
    expect(await store.listEvents({ unmatched: false, tenantId: 'acme', limit: 10 })).toHaveLength(1)
  })

  it('statistics count each fact of the outbound messages of the time asked for', async () => {
    const { store } = current()
    const [first, second] = [await reserve(store), await reserve(store)]
    await store.reserveMessage(newMessage(), { ...reserving, now: at(7_200) })
    await record(store, [event({ messageId: first, type: 'read' })], [accepted(second, 'SM1')])
    await record(store, [event({ messageId: second, type: 'failed' })])
    const counts = await store.messageStats({
      tenantId: 'acme',
      channel: 'whatsapp',
      from: at(0),
      to: at(3_600),
    })
    expect(counts).toMatchObject({ messages: 2, sent: 1, delivered: 1, read: 1, failed: 1, unknown: 0 })
    expect(await store.messageStats({ tenantId: 'other', from: at(0), to: at(3_600) })).toMatchObject({
      messages: 0,
    })
  })
}
