import { expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import { eventRow } from '#src/store/rows.ts'
import type { TestStore } from '#support/database.ts'
import {
  accepted,
  address,
  at,
  customer,
  event,
  newMessage,
  record,
  reserve,
  reserving,
} from '#support/facts.ts'

const ours = '+33700000000'
const lid = '123456789012345@lid'

/** What a replay takes back of consent, names and providers, and what it leaves. */
export function recalledSuite(current: () => TestStore): void {
  const mailed = (seconds: number, fields: Partial<MessageEvent> = {}) =>
    event({ channel: 'email', recipient: address, occurredAt: at(seconds), ...fields })
  const withdrawn = { type: 'unsubscribed', consent: 'withdrawn' } as const
  const opened = { type: 'opened', consent: undefined } as const
  const wrote = (seconds: number, sender: string, fields: Partial<MessageEvent> = {}) =>
    event({
      type: 'received',
      recipient: ours,
      occurredAt: at(seconds),
      inbound: { sender, recipient: ours, text: 'Bonjour' },
      ...fields,
    })

  const rewrite = (...events: MessageEvent[]) =>
    current().store.rewriteEvents(
      events.map((one) => eventRow({ event: one, requestId: 'r' })),
      { dryRun: false },
    )
  const suppressed = async (fields: Parameters<typeof newMessage>[0] = {}) =>
    (await current().store.reserveMessage(newMessage(fields), reserving)).circumstances?.suppressed
  const known = async (table: 'suppressions' | 'provider_states' | 'contact_aliases') =>
    (await current().query(`select to_jsonb(t) - 'updated_at' as row from ${table} t order by 1`)).map(
      ({ row }) => row,
    )

  it('of two that withdrew consent one is read as none: the other counts, with its own time, reason and provider', async () => {
    const misread = mailed(20, { type: 'complained', consent: 'withdrawn', provider: 'resend' })
    await record(current().store, [mailed(10, withdrawn)])
    const before = await known('suppressions')
    await record(current().store, [misread])
    expect(await known('suppressions')).not.toEqual(before)
    await rewrite({ ...misread, ...opened })
    expect(await known('suppressions')).toEqual(before)
    expect(await suppressed({ channel: 'email' })).toBe('unsubscribed')
  })

  it.each([
    ['in a whole second', 10, 12],
    ['by a clock that is ahead', 300, 10],
  ])(
    'what was misread as withdrawn %s is taken back, also where it was kept by its own time alone',
    async (_when, occurred, received) => {
      for (const before of [
        '',
        `update suppressions s set withdrawn_at = e.occurred_at from message_events e`,
      ]) {
        const misread = mailed(occurred, { ...withdrawn, receivedAt: at(received) })
        await record(current().store, [misread])
        if (before) await current().query(before)
        await rewrite({ ...misread, ...opened })
        expect(await known('suppressions')).toEqual([])
      }
    },
  )

  it('what a person said is taken back from the one address and said of the other, where it is read so', async () => {
    const misread = mailed(10, withdrawn)
    await record(current().store, [misread])
    await rewrite({ ...misread, recipient: 'other@example.com', occurredAt: at(5) })
    expect(await suppressed({ channel: 'email' })).toBeUndefined()
    expect(await suppressed({ channel: 'email', to: 'other@example.com' })).toBe('unsubscribed')
    expect(await known('suppressions')).toMatchObject([{ address: 'other@example.com' }])
  })

  it('a consent that is read as none is given no more: what was withdrawn before counts', async () => {
    const misread = mailed(20, { type: 'subscribed', consent: 'given' })
    await record(current().store, [mailed(10, withdrawn), misread])
    expect(await suppressed({ channel: 'email' })).toBeUndefined()
    await rewrite({ ...misread, ...opened })
    expect(await suppressed({ channel: 'email' })).toBe('unsubscribed')
  })

  it('two misread events of one person, and of two, are taken back in one replay', async () => {
    const misread = [
      mailed(10, withdrawn),
      mailed(20, withdrawn),
      mailed(30, { ...withdrawn, recipient: 'b@example.com' }),
    ]
    await record(current().store, misread)
    await rewrite(...misread.map((one) => ({ ...one, ...opened })))
    expect(await known('suppressions')).toEqual([])
  })

  it('whoever was entered by hand stays so, whatever was misread of them since', async () => {
    const { store, query } = current()
    await query(
      `insert into suppressions (channel, address, withdrawn_at, reason, provider, updated_at)
       values ('email', $1, $2, 'asked by telephone', 'by hand', now())`,
      [address, at(10)],
    )
    const misread = mailed(20, withdrawn)
    await record(store, [misread])
    await rewrite({ ...misread, ...opened })
    expect(await suppressed({ channel: 'email' })).toBeDefined()
  })

  it('a withdrawal of another time stays, also where nothing that is kept tells of it any more', async () => {
    const { store, query } = current()
    const [misread, stop] = [mailed(20, withdrawn), mailed(30, withdrawn)]
    await record(store, [misread, stop])
    await query('delete from message_events where event_id = $1', [stop.eventId])
    await rewrite({ ...misread, ...opened })
    expect(await suppressed({ channel: 'email' })).toBe('unsubscribed')
  })

  it('what our own send was told of a dead address stays, though a receipt of it is read as none', async () => {
    const { store } = current()
    const messageId = await reserve(store, { channel: 'email' })
    const refused = { type: 'bounced', code: '5.1.1', consent: 'withdrawn', messageId } as const
    const misread = mailed(20, refused)
    await record(store, [mailed(10, { ...refused, source: 'send' }), misread])
    await rewrite({ ...misread, ...opened })
    expect(await suppressed({ channel: 'email' })).toBe('5.1.1')
  })

  it('a STOP in what nobody wrote goes with the message that was made for it', async () => {
    const misread = wrote(10, customer, { consent: 'withdrawn' })
    await record(current().store, [misread])
    expect(await suppressed()).toBe('received')
    await rewrite({ ...misread, type: 'read', consent: undefined, inbound: undefined })
    expect(await suppressed()).toBeUndefined()
    expect(await current().query(`select from messages where direction = 'inbound'`)).toEqual([])
  })

  it('a STOP that was misread under an alias is taken back from its address, and comes with no later telling of it', async () => {
    const { store } = current()
    const id = await reserve(store)
    await record(store, [], [accepted(id, 'A')])
    const misread = wrote(10, lid, { consent: 'withdrawn' })
    await record(store, [misread])
    await record(store, [event({ providerMessageId: 'A', alias: { name: lid } })])
    expect(await suppressed()).toBe('received')
    await rewrite({ ...misread, consent: undefined })
    expect(await suppressed()).toBeUndefined()
    await record(store, [event({ providerMessageId: 'A', alias: { name: lid }, occurredAt: at(60) })])
    expect(await suppressed()).toBeUndefined()
  })

  it('a name that is read now is learnt, and what was written and said under it is of its address; a dry run learns none', async () => {
    const { store, query } = current()
    const unnamed = event({ providerMessageId: 'A' })
    const stop = wrote(5, lid)
    for (const one of [stop, unnamed]) await record(store, [one])
    const told = [
      { ...unnamed, alias: { name: lid, address: customer } },
      { ...stop, consent: 'withdrawn' },
    ] as const
    const dry = await store.rewriteEvents(
      told.map((one) => eventRow({ event: one, requestId: 'r' })),
      { dryRun: true },
    )
    expect(await known('contact_aliases')).toEqual([])
    expect(await query(`select sender from messages`)).toEqual([{ sender: lid }])
    expect(await rewrite(...told)).toEqual(dry)
    expect(dry.changed.map(({ after }) => after)).toMatchObject([
      { consent: 'withdrawn' },
      { alias: lid, alias_of: customer, recipient: customer },
    ])
    expect(await known('contact_aliases')).toMatchObject([{ alias: lid, address: customer }])
    expect(await query(`select sender from messages`)).toEqual([{ sender: customer }])
    expect(await suppressed()).toBe('received')
    expect(await rewrite(...told)).toEqual({ changed: [], messages: 0 })
  })

  const said = (seconds: number, word: string | undefined, fields: Partial<MessageEvent> = {}) =>
    event({
      type: 'unknown',
      occurredAt: at(seconds),
      providerState: word === undefined ? undefined : { state: word, open: word === 'authorized' },
      ...fields,
    })

  it('what a provider is read to have said last of itself is what is known of it; a dry run shows it', async () => {
    const silent = said(20, undefined)
    await record(current().store, [said(10, 'authorized'), silent])
    const before = await known('provider_states')
    const told = { ...silent, providerState: { state: 'blocked', open: false } }
    const shown = await current().store.rewriteEvents([eventRow({ event: told, requestId: 'r' })], {
      dryRun: true,
    })
    expect(shown.changed).toMatchObject([
      { before: { provider_state: null }, after: { provider_state: { state: 'blocked', open: false } } },
    ])
    expect(await known('provider_states')).toEqual(before)
    await rewrite(told)
    expect(await known('provider_states')).toMatchObject([{ state: 'blocked', open: false }])
    expect(await rewrite(told)).toEqual({ changed: [], messages: 0 })
  })

  it('what is read now and was said earlier than what is known changes nothing of it', async () => {
    const silent = said(10, undefined)
    await record(current().store, [silent, said(20, 'authorized')])
    const before = await known('provider_states')
    await rewrite({ ...silent, providerState: { state: 'blocked', open: false } })
    expect(await known('provider_states')).toEqual(before)
  })

  it('a state that is read as none, or as another, leaves what was said before or what it says now', async () => {
    const { store } = current()
    await record(store, [said(10, 'starting')])
    const before = await known('provider_states')
    const misread = said(20, 'authorized')
    await record(store, [misread])
    await rewrite({ ...misread, providerState: undefined })
    expect(await known('provider_states')).toEqual(before)
    await rewrite({ ...misread, providerState: { state: 'authorized', open: true } })
    expect(await known('provider_states')).toMatchObject([
      { state: 'authorized', open: true, closed_at: null },
    ])
    await rewrite({ ...misread, providerState: { state: 'blocked', open: false } })
    expect(await known('provider_states')).toMatchObject([{ state: 'blocked', open: false }])
  })

  it('since when a provider takes nothing is what the first word says that is not taken back', async () => {
    const misread = said(10, 'starting')
    await record(current().store, [misread])
    await record(current().store, [said(20, 'blocked')])
    const closed = () => current().query('select state, closed_at from provider_states')
    expect(await closed()).toMatchObject([{ state: 'blocked', closed_at: at(10) }])
    await rewrite({ ...misread, providerState: undefined })
    expect(await closed()).toMatchObject([{ state: 'blocked', closed_at: at(20) }])
  })

  it('nothing is known of a provider whose every word is read as none', async () => {
    const misread = [said(10, 'starting'), said(20, 'blocked')]
    await record(current().store, misread)
    await rewrite(...misread.map((one) => ({ ...one, providerState: undefined })))
    expect(await known('provider_states')).toEqual([])
  })
}
