import { expect, it } from 'vitest'
import type { EventType } from '#src/model/event.ts'
import { messageStatuses } from '#src/model/message.ts'
import type { Outcome } from '#src/store/kept.ts'
import type { Store } from '#src/store/store.ts'
import type { TestStore } from '#support/database.ts'
import {
  accepted,
  address,
  at,
  event,
  messageOf,
  newMessage,
  record,
  reserve,
  reserving,
} from '#support/facts.ts'

export function factSuite(current: () => TestStore): void {
  it('read, delivered, sent in reverse end as read with three facts', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    for (const [type, seconds] of [
      ['read', 30],
      ['delivered', 20],
      ['sent', 10],
    ] as const)
      await record(store, [event({ messageId, type, occurredAt: at(seconds) })])
    const message = await messageOf(store, messageId)
    expect(message.status).toBe('read')
    expect(
      [message.sent_at, message.delivered_at, message.read_at].map((time) => new Date(String(time))),
    ).toEqual([at(10), at(20), at(30)])
  })

  it('of two facts the higher on the ladder is the status, whichever is told first', async () => {
    const { store } = current()
    const pairs = facts.flatMap((first) => facts.map((second) => ({ first, second })))
    const ids = await reserved(store, pairs.length)
    const told = (which: 'first' | 'second', seconds: number) =>
      pairs.map((pair, index) => ({ messageId: ids[index], type: pair[which], occurredAt: at(seconds) }))
    await record(store, told('first', 10).map(event))
    await record(store, told('second', 20).map(event))
    // Of the same rank the earlier one.
    const higher = pairs.map(({ first, second }) => (rankOf(second) > rankOf(first) ? second : first))
    const named = (statuses: readonly (string | undefined)[]) =>
      pairs.map(({ first, second }, index) => `${first}, then ${second}: ${statuses[index]}`)
    expect(named(await statusesOf(store, ids))).toEqual(named(higher))
  })

  it('any fact outranks what we know ourselves of a message', async () => {
    const { store } = current()
    for (const [status, begin] of Object.entries(beginnings)) {
      const ids = await begin(store)
      expect(await statusesOf(store, ids)).toEqual(ids.map(() => status))
      const told = facts.map((type, index) => event({ messageId: ids[index], type }))
      await record(store, told)
      expect(await statusesOf(store, ids), status).toEqual(facts)
    }
  })

  it('every status of a message has its place on the ladder', () => {
    const placed = [...Object.keys(beginnings), ...facts, 'received']
    expect(placed.toSorted()).toEqual([...messageStatuses].toSorted())
  })

  it('a fact has the earliest time that is told of it', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [event({ messageId, occurredAt: at(4) }), event({ messageId, type: 'sent' })])
    await record(store, [event({ messageId, occurredAt: at(2) })])
    await record(store, [event({ messageId, occurredAt: at(3) })])
    expect(new Date(String((await messageOf(store, messageId)).delivered_at))).toEqual(at(2))
  })

  it('a late sent leaves a failed message failed', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [event({ messageId, type: 'failed', code: '30005' })])
    await record(store, [event({ messageId, type: 'sent', occurredAt: at(60) })])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'failed', error_code: '30005' })
  })

  it('a bounce a day after the delivery shows bounced and keeps the delivery', async () => {
    const { store } = current()
    const messageId = await reserve(store, { channel: 'email' })
    await record(store, [event({ ...email, messageId })])
    await record(store, [
      event({ ...email, messageId, type: 'bounced', bounceClass: 'hard', occurredAt: at(86_400) }),
    ])
    const message = await messageOf(store, messageId)
    expect(message).toMatchObject({ status: 'bounced', bounce_class: 'hard' })
    expect(message.delivered_at).not.toBeNull()
  })

  it("a machine's opens and clicks are kept apart from people's", async () => {
    const { store } = current()
    const messageId = await reserve(store, { channel: 'email' })
    const opened = event({ ...email, messageId, type: 'opened', machine: true, occurredAt: at(2) })
    const clicked = event({ ...email, messageId, type: 'clicked', machine: true, occurredAt: at(3) })
    await record(store, [event({ ...email, messageId }), opened, clicked])
    const message = await messageOf(store, messageId)
    expect(message).toMatchObject({ status: 'delivered', opened_at: null, clicked_at: null })
    expect([message.machine_opened_at, message.machine_clicked_at]).not.toContain(null)
  })

  it('an event about a cc stays on the timeline and stamps nothing', async () => {
    const { store } = current()
    const messageId = await reserve(store, { channel: 'email' })
    await record(store, [
      event({ ...email, messageId, type: 'bounced', recipient: 'cc@example.com', reason: 'no such user' }),
    ])
    expect(await messageOf(store, messageId)).toMatchObject({
      status: 'sending',
      bounced_at: null,
      error_message: null,
    })
  })

  it('the case of an address does not make it a cc', async () => {
    const { store } = current()
    const messageId = await reserve(store, { channel: 'email' })
    await record(store, [event({ ...email, messageId, recipient: address.toUpperCase() })])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'delivered' })
  })

  it('the error is that of the highest-ranked wrong fact, its earliest telling', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const wrong = (type: 'deferred' | 'failed' | 'bounced', code: string, seconds: number) =>
      event({ messageId, type, code, reason: `reason ${code}`, occurredAt: at(seconds) })
    await record(store, [wrong('failed', 'f2', 40), wrong('deferred', 'd1', 10)])
    expect(await messageOf(store, messageId)).toMatchObject({ error_code: 'f2', error_message: 'reason f2' })
    await record(store, [wrong('failed', 'f1', 30)])
    expect(await messageOf(store, messageId)).toMatchObject({ error_code: 'f1' })
    await record(store, [wrong('bounced', 'b1', 50), wrong('deferred', 'd0', 5)])
    expect(await messageOf(store, messageId)).toMatchObject({ error_code: 'b1', status: 'bounced' })
  })

  it('an event of an unknown kind is kept and changes nothing', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const before = await messageOf(store, messageId)
    await record(store, [event({ messageId, type: 'unknown' })])
    expect({ ...(await messageOf(store, messageId)), updated_at: 0 }).toEqual({ ...before, updated_at: 0 })
  })

  it('a receipt settles an unknown outcome and clears its error, whichever comes first', async () => {
    const { store } = current()
    const unknown = { outcome: 'unknown', errorCode: 'timeout', errorMessage: 'no answer' } as const
    for (const receiptFirst of [false, true]) {
      const messageId = await reserve(store)
      const outcome = { ...accepted(messageId, 'x'), providerMessageId: undefined, ...unknown }
      if (receiptFirst) await record(store, [event({ messageId })])
      await record(store, [], [outcome])
      if (!receiptFirst) {
        expect(await messageOf(store, messageId)).toMatchObject({ status: 'unknown', error_code: 'timeout' })
        await record(store, [event({ messageId })])
      }
      expect(await messageOf(store, messageId)).toMatchObject({
        status: 'delivered',
        phase: 'queued',
        error_code: null,
      })
    }
  })

  it('a receipt means that nothing more is to be tried', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const retry = accepted(messageId, '', {
      outcome: 'retryable',
      providerMessageId: undefined,
      nextAttemptAt: at(60),
    })
    await record(store, [], [retry])
    await record(store, [event({ messageId, type: 'sent' })])
    expect(
      await store.claimDue({ owner: 'o', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10, now: at(120) }),
    ).toEqual([])
  })

  it('our own telling of a deferral leaves the retry due', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const retry = accepted(messageId, '', {
      outcome: 'retryable',
      providerMessageId: undefined,
      nextAttemptAt: at(60),
    })
    await record(store, [event({ messageId, type: 'deferred', source: 'send' })], [retry])
    expect((await messageOf(store, messageId)).next_attempt_at).not.toBeNull()
  })
}

const email = { provider: 'sendgrid', channel: 'email', recipient: address } as const

/** The facts by what they count for in the status, lowest first. */
const ladder: readonly (readonly EventType[])[] = [
  ['sent'],
  ['deferred'],
  ['delivered'],
  ['failed', 'rejected'],
  ['opened'],
  ['read'],
  ['clicked'],
  ['bounced'],
  ['complained'],
]
const facts = ladder.flat()

function rankOf(type: EventType): number {
  return ladder.findIndex((types) => types.includes(type))
}

/** Below every fact: new messages that stand there, one for each fact, by their status. */
const beginnings: Readonly<Record<string, (store: Store) => Promise<string[]>>> = {
  scheduled: (store) => reserved(store, facts.length, { sendAt: at(3_600) }),
  cancelled: async (store) => {
    const ids = await reserved(store, facts.length, { sendAt: at(3_600) })
    for (const id of ids) await store.cancelMessage(id, undefined)
    return ids
  },
  sending: (store) => reserved(store, facts.length),
  queued: (store) => attempted(store, 'accepted'),
  unknown: (store) => attempted(store, 'unknown'),
}

async function attempted(store: Store, outcome: Outcome['outcome']): Promise<string[]> {
  const ids = await reserved(store, facts.length)
  await record(
    store,
    [],
    ids.map((id) => ({ messageId: id, attempt: 1, outcome, provider: 'twilio' })),
  )
  return ids
}

async function reserved(store: Store, count: number, fields: { sendAt?: Date } = {}): Promise<string[]> {
  const wanted = Array.from({ length: count }, () => newMessage(fields))
  await store.reserveMessages(wanted.map((message) => ({ message, options: reserving })))
  return wanted.map(({ message }) => message.id)
}

async function statusesOf(store: Store, ids: readonly string[]): Promise<(string | undefined)[]> {
  const listed = await store.listMessages({ limit: 200 })
  const statuses = new Map(listed.map(({ id, status }) => [id, status]))
  return ids.map((id) => statuses.get(id))
}
