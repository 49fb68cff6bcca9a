import { expect, it } from 'vitest'
import { eventTypes, type MessageEvent } from '#src/model/event.ts'
import { eventRow } from '#src/store/rows.ts'
import type { ShownMessage } from '#src/store/shown.ts'
import type { Store } from '#src/store/store.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, at, customer, event, messageOf, record, reserve, timeline } from '#support/facts.ts'

const ours = '+33700000000'
const wish = { since: at(0), afterId: 0, limit: 10, reach: 1_000 }

export function replaySuite(current: () => TestStore): void {
  it('an event is rewritten in place, and its message says what the new reading says', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const misread = event({ messageId, type: 'failed', code: '30008', reason: 'broken', bounceClass: 'hard' })
    await record(
      store,
      [event({ messageId, type: 'sent', occurredAt: at(5) }), misread],
      [accepted(messageId, 'SM1')],
    )
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'failed', error_code: '30008' })
    const [, before] = (await timeline(store, messageId)).events

    const told = readAs(misread, { type: 'delivered', occurredAt: at(9) })
    expect(await rewrite(store, told)).toMatchObject({
      messages: 1,
      changed: [
        {
          provider: 'twilio',
          event_id: misread.eventId,
          before: { type: 'failed', code: '30008', reason: 'broken', bounce_class: 'hard' },
          after: { type: 'delivered', code: null, reason: null, bounce_class: null },
        },
      ],
    })
    const { message, events } = await timeline(store, messageId)
    expect(message).toMatchObject({
      status: 'delivered',
      failed_at: null,
      error_code: null,
      error_message: null,
      bounce_class: null,
      provider_message_id: 'SM1',
    })
    expect(new Date(String(message.delivered_at))).toEqual(at(9))
    expect(new Date(String(message.sent_at))).toEqual(at(5))
    const { id, raw, request_id, received_at } = before ?? {}
    expect(events[1]).toMatchObject({ id, raw, request_id, received_at, type: 'delivered' })
    expect(await rewrite(store, told)).toEqual({ messages: 0, changed: [] })
  })

  it('a dry run answers the same and writes nothing', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const misread = event({ messageId, type: 'failed' })
    await record(store, [misread])
    const before = await timeline(store, messageId)
    const told = readAs(misread, { type: 'read' })
    const shown = await store.rewriteEvents([eventRow({ event: told, requestId: 'r' })], { dryRun: true })
    expect(await timeline(store, messageId)).toEqual(before)
    expect(await rewrite(store, told)).toEqual(shown)
  })

  it('what our own attempts told stays: when the first was made, and why the last one failed', async () => {
    const { store, query } = current()
    const messageId = await reserve(store)
    const misread = event({ messageId, type: 'deferred', code: 'theirs', reason: 'theirs' })
    await record(
      store,
      [misread],
      [accepted(messageId, '', { outcome: 'refused', errorCode: 'ours', errorMessage: 'what we saw' })],
    )
    await rewrite(store, readAs(misread, { type: 'unknown' }))
    const message = await messageOf(store, messageId)
    expect(message).toMatchObject({
      status: 'queued',
      deferred_at: null,
      error_code: 'ours',
      error_message: 'what we saw',
    })
    const [attempt] = await query('select begun_at from message_attempts where message_id = $1', [messageId])
    expect(new Date(String(message.queued_at))).toEqual(new Date(String(attempt?.begun_at)))
  })

  it('of every kind of event all that it stamped is taken back, where it is read as another', async () => {
    const { store } = current()
    const stamping = eventTypes.filter((type) => !stampingNothing.includes(type))
    const kinds = [
      ...stamping.map((type) => ({ type, machine: false, column: `${type}_at` })),
      ...(['opened', 'clicked'] as const).map((type) => ({
        type,
        machine: true,
        column: `machine_${type}_at`,
      })),
    ]
    for (const { type, machine, column } of kinds) {
      const messageId = await reserve(store)
      const before = await messageOf(store, messageId)
      // Earlier than our own attempt, which is what stamps when it was queued.
      const misread = event({ ...wrong, messageId, type, machine, occurredAt: at(-10) })
      await record(store, [misread])
      const stamped = await messageOf(store, messageId)
      expect(stamped, `what ${type} stamps`).toMatchObject({
        [column]: expect.stringMatching(/^2026-11-20T09:59:50/),
      })
      await rewrite(store, readAs(misread, { type: 'unknown' }))
      const { updated_at } = before
      expect({ ...(await messageOf(store, messageId)), updated_at }, `what ${type} leaves`).toEqual(before)
    }
  })

  it('an outcome that only a misread event had settled is unknown again, and due by nothing', async () => {
    const { store, query } = current()
    const messageId = await reserve(store)
    const unknown = accepted(messageId, '', {
      outcome: 'unknown',
      errorCode: 'timeout',
      errorMessage: 'late',
    })
    const misread = event({ messageId, type: 'delivered' })
    await record(store, [misread], [unknown])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'delivered', error_code: null })
    await rewrite(store, readAs(misread, { type: 'unknown' }))
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'unknown', error_code: 'timeout' })
    const [row] = await query('select next_attempt_at from messages where id = $1', [messageId])
    expect(row).toEqual({ next_attempt_at: null })
  })

  it('an event without a message finds it by what is read now; a matched one keeps its own', async () => {
    const { store } = current()
    const [first, second] = [await reserve(store), await reserve(store)]
    await record(store, [], [accepted(first, 'SM1'), accepted(second, 'SM2')])
    const parked = event({ providerMessageId: undefined })
    const matched = event({ messageId: first })
    await record(store, [parked, matched])
    await rewrite(
      store,
      readAs(parked, { providerMessageId: 'SM2' }),
      readAs(matched, { providerMessageId: 'SM2' }),
    )
    expect((await timeline(store, second)).events).toEqual([
      expect.objectContaining({ event_id: parked.eventId, tenant_id: 'acme', lead_id: 'lead-1' }),
    ])
    expect((await timeline(store, first)).events).toEqual([
      expect.objectContaining({ event_id: matched.eventId, provider_message_id: 'SM2' }),
    ])
    expect(await messageOf(store, second)).toMatchObject({ status: 'delivered' })
  })

  it('what a person wrote becomes an inbound message of the tenant that had written to him then', async () => {
    const { store } = current()
    await reserve(store)
    const misread = event({ type: 'unknown', providerMessageId: 'SM9' })
    await record(store, [misread])
    const later = await reserve(store, { tenantId: 'later' })
    await current().query(`update messages set created_at = $2 where id = $1`, [later, at(3_600)])
    const inbound = { sender: customer, recipient: ours, text: 'OUI', buttonPayload: 'confirm' }
    const told = readAs(misread, { type: 'received', recipient: ours, inbound })
    const { changed } = await rewrite(store, told)
    expect(changed[0]?.after).toMatchObject({ type: 'received', sender: customer, text: 'OUI' })
    expect(await inboundOf(store)).toEqual([
      expect.objectContaining({
        tenant_id: 'acme',
        text: 'OUI',
        button_payload: 'confirm',
        status: 'received',
      }),
    ])
    expect(await rewrite(store, told)).toEqual({ changed: [], messages: 0 })

    const better = readAs(told, { inbound: { ...inbound, text: 'NON', buttonPayload: undefined } })
    expect((await rewrite(store, better)).changed).toEqual([
      {
        provider: 'twilio',
        event_id: told.eventId,
        before: { text: 'OUI', button_payload: 'confirm' },
        after: { text: 'NON', button_payload: null },
      },
    ])
    expect(await inboundOf(store)).toEqual([expect.objectContaining({ text: 'NON', button_payload: null })])
  })

  it('a status that was read as what a person wrote goes to its message, and the false one is gone', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [], [accepted(messageId, 'SM1')])
    const inbound = { sender: customer, recipient: ours, text: 'not at all' }
    const misread = event({ type: 'received', providerMessageId: 'SM1', inbound })
    await record(store, [misread])
    expect(await inboundOf(store)).toHaveLength(1)
    const told = readAs(misread, { type: 'read', inbound: undefined })
    await rewrite(store, told)
    expect(await inboundOf(store)).toEqual([])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'read' })
    expect(await rewrite(store, told)).toEqual({ changed: [], messages: 0 })
  })

  it('only what webhooks told is listed and rewritten, in pages by id, since a time and of one provider', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const own = event({ messageId, type: 'sent', source: 'send' })
    const [early, first, other, second] = [
      event({ receivedAt: at(-60) }),
      event({ messageId, raw: { text: 'a\u0000b' } }),
      event({ provider: 'greenapi' }),
      event({ messageId }),
    ]
    for (const told of [own, early, first, other, second]) await record(store, [told])
    const all = await store.listKeptItems(wish)
    expect(all.items.map((item) => item.event_id)).toEqual(
      [first, other, second].map(({ eventId }) => eventId),
    )
    expect(all.next).toBeUndefined()
    expect(JSON.parse(all.items[0]?.raw_text ?? '')).toEqual({ text: 'a\u0000b' })
    const of = { ...wish, provider: 'twilio', limit: 1 }
    const page = await store.listKeptItems(of)
    expect(page).toEqual({ items: [all.items[0]], next: all.items[0]?.id })
    const last = await store.listKeptItems({ ...of, afterId: page.next ?? 0 })
    expect(last).toMatchObject({ items: [{ event_id: second.eventId, request_id: 'request-2' }] })
    expect(last.next).toBeUndefined()
    expect(await rewrite(store, readAs(own, { type: 'failed' }))).toEqual({ changed: [], messages: 0 })
  })

  it('however much was told before, a page goes through so many of it, and says where it came to', async () => {
    const { store, query } = current()
    const told = Array.from({ length: 7 }, (_, index) => event({ receivedAt: at(index < 6 ? -60 : 10) }))
    for (const one of told) await record(store, [one])
    const [{ first } = {}] = await query('select min(id)::integer as first from message_events')
    const found: string[] = []
    const places: (number | undefined)[] = []
    for (let afterId: number | undefined = Number(first) - 1; afterId !== undefined; ) {
      const { items, next } = await store.listKeptItems({ ...wish, afterId, reach: 3 })
      found.push(...items.map(({ event_id }) => event_id))
      places.push(next && next - Number(first))
      afterId = next
    }
    expect(found).toEqual([told[6]?.eventId])
    expect(places).toEqual([2, 5, undefined])
  })

  it('a quarantined item is listed with its id until it is marked', async () => {
    const { store } = current()
    const item = { provider: 'resend', reason: 'why', requestId: 'r', receivedAt: at(10) }
    await store.recordEvents({
      events: [],
      outcomes: [],
      quarantined: [
        { ...item, bytes: Buffer.from('1'), eventId: 'msg_1' },
        { ...item, bytes: Buffer.from('2') },
      ],
    })
    const found = await store.listUnreadItems(wish)
    expect(found).toMatchObject([
      { event_id: 'msg_1', bytes: Buffer.from('1').toString('base64'), request_id: 'r' },
      { event_id: null },
    ])
    expect(await store.listUnreadItems({ ...wish, provider: 'twilio' })).toEqual([])
    expect(await store.listUnreadItems({ ...wish, since: at(60) })).toEqual([])
    await store.markReplayed([found[0]?.id ?? 0], at(100))
    expect(await store.listUnreadItems(wish)).toEqual([found[1]])
    const [, marked] = await store.listQuarantined({ limit: 10 })
    expect(new Date(String(marked?.replayed_at))).toEqual(at(100))
  })
}

/** The same item of the provider, read otherwise. */
function readAs(told: MessageEvent, fields: Partial<MessageEvent>): MessageEvent {
  const { provider, eventId, providerType, channel, source, occurredAt, receivedAt, raw, messageId } = told
  const { type, providerMessageId } = told
  const item = { provider, eventId, providerType, channel, source, occurredAt, receivedAt, raw }
  return { ...item, type, messageId, providerMessageId, ...fields }
}

function rewrite(store: Store, ...events: MessageEvent[]) {
  return store.rewriteEvents(
    events.map((told) => eventRow({ event: told, requestId: 'r' })),
    { dryRun: false },
  )
}

async function inboundOf(store: Store): Promise<ShownMessage[]> {
  const inbound = (await store.listMessages({ limit: 10 })).filter(({ direction }) => direction === 'inbound')
  return Promise.all(inbound.map(({ id }) => messageOf(store, id)))
}

/** What concerns a person, or nothing that we know. */
const stampingNothing: readonly string[] = ['unsubscribed', 'subscribed', 'received', 'unknown']
const wrong = { code: '30005', reason: 'unknown handset', bounceClass: 'hard' } as const
