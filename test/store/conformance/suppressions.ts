import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { TestStore } from '#support/database.ts'
import { address, at, customer, event, newMessage, record, reserving } from '#support/facts.ts'

export function suppressionSuite(current: () => TestStore): void {
  const said = (fields: { channel?: 'email' | 'whatsapp'; address?: string; tenantId?: string } = {}) => ({
    channel: 'email' as const,
    address,
    reason: 'as they told us',
    by: 'Claire',
    tenantId: undefined,
    eventId: randomUUID(),
    requestId: 'request-9',
    ...fields,
  })
  const mail = (fields: Partial<MessageEvent>) =>
    event({ provider: 'sendgrid', channel: 'email', recipient: address, consent: 'withdrawn', ...fields })
  const dead = (fields: Partial<MessageEvent> = {}) =>
    mail({ type: 'bounced', bounceClass: 'hard', ...fields })
  const written = async () =>
    (await current().store.reserveMessage(newMessage({ channel: 'email' }), reserving)).circumstances
      ?.suppressed

  it('what a person enters counts from then on, and is kept as an event', async () => {
    const { store } = current()
    const { since } = await store.suppressAddress(said())
    expect(await written()).toBe('person')
    expect(await store.listSuppressions({ tenantId: undefined, limit: 5 })).toEqual([
      {
        channel: 'email',
        address,
        reason: 'as they told us',
        since,
        source: { provider: 'person', eventId: expect.any(String), messageId: null, by: 'Claire' },
      },
    ])
    expect(await store.listEvents({ unmatched: true, limit: 5 })).toMatchObject([
      {
        source: 'person',
        type: 'unsubscribed',
        consent: 'withdrawn',
        recipient: address,
        request_id: 'request-9',
      },
    ])
  })

  it('who unsubscribes by the link of a mail, which names that mail alone, is not written to', async () => {
    const { store } = current()
    const wanted = newMessage({ channel: 'email', tenantId: 't1' })
    await store.reserveMessage(wanted, reserving)
    const { id: messageId } = wanted.message
    const link = { provider: 'unsubscribe', type: 'unsubscribed', providerType: 'one_click' } as const
    await record(store, [event({ ...link, channel: 'email', messageId, consent: 'withdrawn' })])
    expect(await written()).toBe('unsubscribed')
    expect(await store.listSuppressions({ tenantId: 't1', limit: 5 })).toMatchObject([
      { address, source: { provider: 'unsubscribe', messageId } },
    ])
    expect(await store.listSuppressions({ tenantId: 't2', limit: 5 })).toEqual([])
    expect((await store.releaseAddress(said(), false)).outcome).toBe('needs_force')
  })

  describe('five mails in a row that bounced softly', () => {
    /** Mails to the address one after another, and what became of each. */
    async function ended(...ends: Partial<MessageEvent>[]): Promise<number> {
      const { store } = current()
      for (const [index, end] of ends.entries()) {
        const wanted = newMessage({ channel: 'email' })
        await store.reserveMessage(wanted, reserving)
        const messageId = wanted.message.id
        await current().query(
          `update messages set created_at = clock_timestamp() + interval '${index} milliseconds' where id = '${messageId}'`,
        )
        await record(store, [mail({ messageId, consent: undefined, ...end })])
      }
      return store.suppressBouncing([address])
    }
    const soft: Partial<MessageEvent> = { type: 'bounced', bounceClass: 'soft' }

    it('keep the next one from going out, until the address is freed; then five more are needed', async () => {
      const { store } = current()
      expect(await ended(soft, soft, soft, soft)).toBe(0)
      expect(await written()).toBeUndefined()
      expect(await ended(soft)).toBe(1)
      expect(await store.suppressBouncing([address])).toBe(0)
      expect(await written()).toBe('soft_bounces')
      expect(await store.listSuppressions({ tenantId: undefined, limit: 5 })).toMatchObject([
        { address, reason: 'soft_bounces', source: { messageId: expect.any(String) } },
      ])
      expect(await store.releaseAddress(said(), false)).toMatchObject({ outcome: 'released' })
      expect(await written()).toBeUndefined()
      expect(await store.suppressBouncing([address])).toBe(0)
    })

    it.each<[string, Partial<MessageEvent>]>([
      ['a delivery', { type: 'delivered' }],
      ['an open', { type: 'opened' }],
      ['one by policy', { type: 'bounced', bounceClass: 'blocked' }],
    ])('do nothing with %s between', async (_what, between) => {
      expect(await ended(soft, soft, soft, between, soft, soft)).toBe(0)
      expect(await written()).toBeUndefined()
    })

    it('do nothing where one between went out long ago, and nobody tells of deliveries', async () => {
      const { store } = current()
      await ended(soft, soft, { type: 'sent' }, soft, soft)
      await current().query(
        `update messages set sent_at = now() - interval '8 days' where sent_at is not null and bounced_at is null`,
      )
      expect(await ended(soft)).toBe(0)
      await current().query(
        `update messages set sent_at = now() where sent_at is not null and bounced_at is null`,
      )
      expect(await store.suppressBouncing([address])).toBe(1)
    })

    it('are not those that somebody only guessed, by the mailbox that anybody may write to', async () => {
      const wanted = Array.from({ length: 5 }, () => newMessage({ channel: 'email' }))
      for (const one of wanted) await current().store.reserveMessage(one, reserving)
      const guessed = { provider: 'smtp', source: 'dsn', messageId: undefined, guess: true } as const
      for (const [index] of wanted.entries())
        await record(current().store, [
          mail({ ...soft, ...guessed, consent: undefined, occurredAt: at(60 + index) }),
        ])
      expect(await current().query('select id from messages where bounced_at is not null')).toEqual([])
      expect(await current().store.suppressBouncing([address])).toBe(0)
    })

    it('are of that address alone', async () => {
      await ended(soft, soft, soft, soft, soft)
      expect(await current().store.suppressBouncing(['zoe@elsewhere.example'])).toBe(0)
    })
  })

  it('a dead address is freed, and stays in the list of that address with when', async () => {
    const { store } = current()
    await record(store, [dead({ code: '5.1.1' })])
    expect(await store.releaseAddress(said(), false)).toMatchObject({
      outcome: 'released',
      suppression: { reason: 'bounced', code: '5.1.1', until: expect.any(String) },
    })
    expect(await written()).toBeUndefined()
    expect(await store.listSuppressions({ tenantId: undefined, limit: 5 })).toEqual([])
    const history = { tenantId: undefined, channel: 'email', address, limit: 5 } as const
    expect(await store.listSuppressions(history)).toMatchObject([{ until: expect.any(String) }])
    await record(store, [dead({ occurredAt: new Date(), receivedAt: new Date() })])
    expect(await written()).toBe('bounced')
  })

  it.each([
    ['complained, and bounced later', [mail({ type: 'complained' }), dead({ occurredAt: at(60) })]],
    ['bounced, and complained later', [dead(), mail({ type: 'complained', occurredAt: at(60) })]],
    ['unsubscribed', [mail({ type: 'unsubscribed' })]],
    ['was refused by a code that says so', [mail({ type: 'rejected', code: '21610' })]],
  ])('a person who %s is freed only by force', async (_what, events) => {
    const { store } = current()
    await record(store, events)
    expect((await store.releaseAddress(said(), false)).outcome).toBe('needs_force')
    expect(await written()).toBeDefined()
    expect((await store.releaseAddress(said(), true)).outcome).toBe('released')
    expect(await written()).toBeUndefined()
  })

  it('what was said before they gave their consent again needs no force', async () => {
    const { store } = current()
    await record(store, [
      mail({ type: 'complained' }),
      mail({ type: 'subscribed', consent: 'given', occurredAt: at(60) }),
      dead({ occurredAt: at(120) }),
    ])
    expect((await store.releaseAddress(said(), false)).outcome).toBe('released')
  })

  it('that an address is somebody’s does not take back a complaint that is told later', async () => {
    const { store } = current()
    await record(store, [dead({ occurredAt: at(-120), receivedAt: at(-120) })])
    expect((await store.releaseAddress(said(), false)).outcome).toBe('released')
    const before = new Date(Date.now() - 60_000)
    await record(store, [mail({ type: 'complained', occurredAt: before, receivedAt: before })])
    expect(await written()).toBe('complained')
  })

  it('a STOP, which has its own message, needs force', async () => {
    const { store } = current()
    const inbound = { sender: customer, recipient: '+33700000000', text: 'STOP' }
    await record(store, [event({ type: 'received', consent: 'withdrawn', inbound })])
    const wanted = said({ channel: 'whatsapp', address: customer })
    expect(await store.releaseAddress(wanted, false)).toMatchObject({
      outcome: 'needs_force',
      suppression: { reason: 'received', source: { provider: 'twilio', messageId: expect.any(String) } },
    })
  })

  it.each([
    ['before', [10, 20]],
    ['after', [20, 10]],
  ] as const)(
    'a STOP from %s its person’s number was called dead is why, and needs force',
    async (_when, [stop, died]) => {
      const { store } = current()
      const by = { sender: customer, recipient: '+33700000000' }
      const told = (seconds: number, fields: Partial<MessageEvent>) =>
        event({ occurredAt: at(seconds), receivedAt: at(seconds), ...fields })
      await record(store, [
        told(stop, { type: 'received', consent: 'withdrawn', inbound: { ...by, text: 'STOP' } }),
        told(died, {
          type: 'failed',
          code: '63024',
          bounceClass: 'hard',
          consent: 'withdrawn',
          recipient: customer,
        }),
      ])
      const { circumstances } = await store.reserveMessage(newMessage(), reserving)
      expect(circumstances?.suppressed).toBe('received')
      const since = expect.stringContaining(at(stop).toISOString().slice(0, 19))
      const history = { tenantId: undefined, channel: 'whatsapp', address: customer, limit: 5 } as const
      expect(await store.listSuppressions(history)).toMatchObject([{ reason: 'received', since }])
      await record(store, [told(30, { type: 'received', inbound: { ...by, text: 'Oui' } })])
      expect(await store.listSuppressions(history)).toMatchObject([{ reason: 'received', since }])
      const wanted = said({ channel: 'whatsapp', address: customer })
      expect((await store.releaseAddress(wanted, false)).outcome).toBe('needs_force')
    },
  )

  it('nobody is freed of whom nothing was said, or by another tenant', async () => {
    const { store } = current()
    expect((await store.releaseAddress(said(), true)).outcome).toBe('missing')
    await store.suppressAddress(said({ tenantId: 'acme' }))
    expect((await store.releaseAddress(said({ tenantId: 'other' }), true)).outcome).toBe('missing')
    expect(await store.listSuppressions({ tenantId: 'other', limit: 5 })).toEqual([])
    expect(await store.listSuppressions({ tenantId: 'acme', limit: 5 })).toHaveLength(1)
    expect((await store.releaseAddress(said({ tenantId: 'acme' }), false)).outcome).toBe('released')
  })

  it('those who are listed follow each other by channel and address', async () => {
    const { store } = current()
    const people = ['b@example.com', 'c@example.com', 'a@example.com']
    for (const one of people) await store.suppressAddress(said({ address: one }))
    await store.suppressAddress(said({ channel: 'whatsapp', address: customer }))
    const all = { tenantId: undefined, limit: 2 }
    const [first, second] = await store.listSuppressions(all)
    expect([first?.address, second?.address]).toEqual(['a@example.com', 'b@example.com'])
    const rest = await store.listSuppressions({
      ...all,
      after: { channel: 'email', address: 'b@example.com' },
    })
    expect(rest.map((one) => one.address)).toEqual(['c@example.com', customer])
    expect(await store.listSuppressions({ ...all, channel: 'whatsapp' })).toHaveLength(1)
  })

  describe('beside whom a provider writes to no more', () => {
    const told = (fields: { since?: Date; dead?: boolean } = {}) => [
      { address: 'zoe@example.com', since: at(0), dead: true },
      { address, since: at(0), dead: true, ...fields },
    ]
    const stranger = { unknown: [0], released: [] }
    const both = { unknown: [0, 1], released: [] }

    it.each<[string, MessageEvent[], ReturnType<typeof told>, object]>([
      ['nobody is known here', [], told(), both],
      ['a dead address is known', [dead()], told(), stranger],
      [
        'whoever unsubscribed is known also where there it is dead',
        [mail({ type: 'unsubscribed' })],
        told(),
        stranger,
      ],
      ['a dead address is not one whose person asked for it', [dead()], told({ dead: false }), both],
      [
        'whoever complained has asked for it',
        [mail({ type: 'complained' })],
        told({ dead: false }),
        stranger,
      ],
    ])('%s', async (_what, events, wanted, answer) => {
      const { store } = current()
      await record(store, events)
      expect(await store.compareSuppressions(wanted)).toEqual(answer)
    })

    it('whom a person freed since is to be freed there, and who was told of after that is not', async () => {
      const { store } = current()
      await record(store, [dead()])
      await store.releaseAddress(said(), false)
      const freed = (asked: boolean) => ({ unknown: [0], released: [{ address, asked }] })
      expect(await store.compareSuppressions(told())).toEqual(freed(false))
      // Nobody here knew that they had complained.
      expect(await store.compareSuppressions(told({ dead: false }))).toEqual(both)
      await record(store, [mail({ type: 'complained' })])
      await store.releaseAddress(said(), true)
      expect(await store.compareSuppressions(told({ dead: false }))).toEqual(freed(true))
      const later = new Date(Date.now() + 60_000)
      expect(await store.compareSuppressions(told({ since: later }))).toEqual(both)
    })

    it('nobody is compared with nobody', async () => {
      expect(await current().store.compareSuppressions([])).toEqual({ unknown: [], released: [] })
    })
  })
  it('of one mail two hundred reads by our own pixel are kept, and all that others tell', async () => {
    const { store } = current()
    const wanted = newMessage({ channel: 'email' })
    await store.reserveMessage(wanted, reserving)
    const messageId = wanted.message.id
    const read = { type: 'opened', channel: 'email', messageId } as const
    const reads = (from: number) =>
      Array.from({ length: 150 }, (_, at) =>
        event({ ...read, provider: 'tracking', source: 'pixel', eventId: `read-${from + at}` }),
      )
    for (const from of [0, 150, 300]) await record(store, reads(from))
    await record(store, [event({ ...read, provider: 'sendgrid', eventId: 'told' })])
    const kept = await current().query(
      'select source, count(*)::integer as count from message_events group by source order by source',
    )
    // What comes in one go is not looked at apart.
    expect(kept).toEqual([
      { source: 'pixel', count: 300 },
      { source: 'webhook', count: 1 },
    ])
  })
}
