import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import { jobsOf } from '#src/model/job.ts'
import type { Outcome } from '#src/store/kept.ts'
import { createPostgresDatabase } from '#src/store/postgres.ts'
import { repeatCollisions } from '#src/store/repeat.ts'
import { eventRow, outcomeRow } from '#src/store/rows.ts'
import { createStore, type Store } from '#src/store/store.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import {
  accepted,
  at,
  event,
  messageOf,
  newMessage,
  record,
  reserve,
  reserving,
  timeline,
} from '#support/facts.ts'
import { emptied } from '#support/stores.ts'

const connections = 32
let opened: TestDatabase
let sessions: pg.Client[] = []
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterEach(async () => {
  await Promise.all(sessions.map((session) => session.end()))
  sessions = []
})
afterAll(() => opened?.drop())

it('a receipt and the outcome of its send, in two open transactions that cannot see each other, find together', async () => {
  const { store } = opened
  const messageId = await reserve(store)
  const [receipt, send] = [await transaction(), await transaction()]
  await tell(receipt, [event({ providerMessageId: 'SM1', receivedAt: at(20) })], [])
  await tell(send, [], [accepted(messageId, 'SM1')])
  await receipt.query('commit')
  await send.query('commit')
  expect(await messageOf(store, messageId)).toMatchObject({ status: 'queued' })
  expect((await store.matchParked({ now: at(30) })).matched).toBe(1)
  expect(await messageOf(store, messageId)).toMatchObject({ status: 'delivered' })
})

it('the same event on two connections at once is one row, its facts told once', async () => {
  const { store } = opened
  const messageId = await reserve(store)
  const told = event({ messageId })
  const first = await transaction()
  await tell(first, [told], [])
  const second = record(store, [told])
  await somebodyWaits()
  await first.query('commit')
  expect(await second).toMatchObject({ recorded: 0, repeated: 1 })
  expect((await timeline(store, messageId)).events).toHaveLength(1)
})

it('two transactions telling of one message see each other: a fact is told once, the error is the right one', async () => {
  const { store } = opened
  const messageId = await reserve(store, { traced: true })
  const first = await transaction()
  await tell(first, [event({ messageId, type: 'bounced', code: 'b' })], [])
  const later = { messageId, occurredAt: at(20) }
  const second = record(store, [
    event({ ...later, type: 'bounced', code: 'c' }),
    event({ ...later, type: 'failed' }),
  ])
  await somebodyWaits()
  await first.query('commit')
  await second
  expect(await opened.query("select payload ->> 'fact' as fact from jobs order by id")).toEqual([
    { fact: 'bounced' },
    { fact: 'failed' },
  ])
  expect(await messageOf(store, messageId)).toMatchObject({ status: 'bounced', error_code: 'b' })
})

it('work that comes while the head of its lane is being done is not left behind it, whoever commits first', async () => {
  const { store } = opened
  const wanted = newMessage({ traced: true })
  await store.reserveMessage(wanted, reserving)
  await record(store, [], [accepted(wanted.message.id, 'SM1')])
  const claim = () => store.claimJobs({ owner: 'worker', leaseSeconds: 60, limit: 10 })
  const [trace] = await claim()
  const coming = await transaction()
  await tell(coming, [event({ messageId: wanted.message.id })], [])
  const done = store.finishJob(trace?.id ?? 0, 'worker')
  await somebodyWaits()
  await coming.query('commit')
  await done
  const [delivered] = await claim()
  expect(delivered).toMatchObject({ kind: 'tell', payload: { fact: 'delivered' } })
  const doing = await transaction()
  await doing.query(`select end_job($1, 'worker', null, null, false, null)`, [delivered?.id])
  const read = record(store, [event({ messageId: wanted.message.id, type: 'read' })])
  await somebodyWaits()
  await doing.query('commit')
  await read
  expect(await claim()).toMatchObject([{ kind: 'tell', payload: { fact: 'read' } }])
})

it('an outcome that comes while its attempt expires is not lost', async () => {
  const { store } = opened
  const messageId = await reserve(store)
  const send = await transaction()
  await tell(send, [], [accepted(messageId, 'SM1')])
  const expiring = store.endExpiredAttempts(new Date(Date.now() + 3_600_000))
  await somebodyWaits()
  await send.query('commit')
  expect(await expiring).toEqual([])
  expect(await messageOf(store, messageId)).toMatchObject({ status: 'queued', provider_message_id: 'SM1' })
})

it('twenty identical requests at once reserve one message', async () => {
  const options = { ...reserving, idempotency: { key: 'key-1', requestHash: 'hash-1' } }
  const store = widely()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => store.reserveMessage(newMessage(), options)),
  )
  await store.close()
  const outcomes = answers.map(({ outcome }) => outcome).sort()
  expect(outcomes).toEqual([...Array.from({ length: 19 }, () => 'repeat'), 'reserved'])
  const kept = await opened.store.listMessages({ limit: 50 })
  expect(kept).toHaveLength(1)
  const repeated = answers.flatMap(({ message }) => (message ? [message.id] : []))
  expect(new Set(repeated)).toEqual(new Set([kept[0]?.id]))
})

it('trial 25: two instances with many connections telling of the same messages: no error surfaces, every fact lands', async () => {
  const instances = await twoInstances()
  const ids = await Promise.all(Array.from({ length: 20 }, () => reserve(opened.store)))
  const types = ['sent', 'delivered', 'read', 'clicked', 'failed'] as const
  const batches = types.flatMap((type, round) =>
    // Each batch goes through the messages from another end: half by our id, half by the provider's.
    Array.from({ length: 12 }, (_, batch) => {
      const order = batch % 2 === 0 ? ids : ids.toReversed()
      const half = order.filter((_id, index) => (index + Math.floor(batch / 2) + round) % 2 === 0)
      return half.map((id, index) =>
        event({ type, ...(index % 3 === 0 ? { messageId: id } : { providerMessageId: `SM-${id}` }) }),
      )
    }),
  )
  const sends = ids.map((id) => ({
    events: ids.map((other) => event({ type: 'queued', messageId: other })),
    outcomes: [accepted(id, `SM-${id}`)],
  }))
  const work = [...sends, ...batches.map((events) => ({ events, outcomes: [] }))]
  const turns = work.map((batch, index) =>
    storeFor(instances, index).recordEvents({
      events: batch.events.map((told) => ({ event: told, requestId: randomUUID() })),
      outcomes: batch.outcomes,
      quarantined: [],
    }),
  )
  const looks = instances.map((store) => store.matchParked({ now: at(60) }))
  await Promise.all([...turns, ...looks])
  await opened.store.matchParked({ now: at(60) })
  await Promise.all(instances.map((store) => store.close()))

  expect(await opened.store.listEvents({ unmatched: true, limit: 1 })).toEqual([])
  for (const message of await opened.store.listMessages({ limit: 50 })) {
    const facts = [
      message.sent_at,
      message.delivered_at,
      message.read_at,
      message.clicked_at,
      message.failed_at,
    ]
    expect(facts).not.toContain(null)
    expect(message.status).toBe('clicked')
  }
})

it('two instances telling of what people wrote and of what was written to them do not deadlock', async () => {
  const instances = await twoInstances()
  const people = Array.from({ length: 6 }, (_, index) => `+3360000010${index}`)
  const person = (index: number) => people[index % people.length] ?? ''
  const ids = await Promise.all(
    Array.from({ length: 160 }, (_, turn) => reserve(opened.store, { to: person(turn), traced: true })),
  )
  const turns = ids.map((messageId, turn) => {
    const inbound = { sender: person(turn + 1 + (turn % 5)), recipient: '+33700000000', text: 'Bonjour' }
    const told = [event({ messageId }), event({ type: 'received', inbound })]
    return record(storeFor(instances, turn), told)
  })
  await Promise.all(turns)
  await Promise.all(instances.map((store) => store.close()))
  const kinds = await opened.query(`select kind, count(*)::integer from jobs group by kind order by kind`)
  expect(kinds).toEqual([
    { kind: 'inbound', count: ids.length },
    { kind: 'tell', count: ids.length },
  ])
})

it('two instances reserving for the same tenants in another order, under a limit, do not deadlock', async () => {
  const instances = await twoInstances()
  const options = { ...reserving, limits: { hour: 10_000, recipientDay: undefined } }
  const tenants = ['a', 'b', 'c', 'd', 'e', 'f']
  const turns = Array.from({ length: 24 }, (_, turn) => {
    const order = turn % 2 === 0 ? tenants : tenants.toReversed()
    const wanted = order.map((tenantId) => ({ message: newMessage({ tenantId }), options }))
    return storeFor(instances, turn).reserveMessages(wanted)
  })
  for (const answers of await Promise.all(turns))
    expect(answers.map(({ outcome }) => outcome)).toEqual(tenants.map(() => 'reserved'))
  await Promise.all(instances.map((store) => store.close()))
})

it('replays, webhooks and sends that tell of the same messages at once do not deadlock, and nothing of it is lost', async () => {
  const instances = await twoInstances()
  const replays = createStore(repeatCollisions(createPostgresDatabase(opened.url, { connections: 8 })))
  const ids = await Promise.all(Array.from({ length: 16 }, () => reserve(opened.store)))
  // Each was misread: one lies parked, one is about its message, and one is taken for a failure.
  const told = ids.flatMap((messageId) => [
    event({ type: 'delivered', providerMessageId: `SM-${messageId}` }),
    event({ type: 'read', messageId }),
    event({ type: 'clicked', messageId }),
  ])
  const misread = told.map(
    (one, index): MessageEvent =>
      index % 3 === 2 ? { ...one, type: 'failed' } : { ...one, type: 'unknown' },
  )
  await record(opened.store, misread)
  const rewrite = (events: MessageEvent[]) => rewritten(replays, events)
  const turns = ids.flatMap((id, turn) => {
    const order = turn % 2 === 0 ? told : told.toReversed()
    return [
      record(storeFor(instances, turn), [], [accepted(id, `SM-${id}`)]),
      record(storeFor(instances, turn), [
        ...order.slice(turn, turn + 9),
        event({ type: 'sent', messageId: id }),
      ]),
      rewrite(order.slice(turn, turn + 30)),
      storeFor(instances, turn).matchParked({ now: at(60) }),
    ]
  })
  await Promise.all(turns)
  await opened.store.matchParked({ now: at(60) })
  await rewrite(told)
  expect(await rewrite(told)).toEqual({ changed: [], messages: 0 })
  await Promise.all([...instances, replays].map((store) => store.close()))
  const facts = `count(*)::integer as all, count(sent_at)::integer as sent, count(delivered_at)::integer as delivered,
    count(read_at)::integer as read, count(clicked_at)::integer as clicked, count(failed_at)::integer as failed`
  const each = {
    all: ids.length,
    sent: ids.length,
    delivered: ids.length,
    read: ids.length,
    clicked: ids.length,
  }
  expect(await opened.query(`select ${facts} from messages`)).toEqual([{ ...each, failed: 0 }])
})

it('a replay takes messages before their events, as whoever adopts a parked one does: neither waits for the other in turn', async () => {
  const [messageId, parked] = await readAsParked()
  const [adopter, replays] = [await transaction(), widely()]
  await adopter.query('select from messages where id = $1 for no key update', [messageId])
  const rewriting = rewritten(replays, [parked])
  await somebodyWaits()
  await adopter.query('select from message_events where event_id = $1 for update', [parked.eventId])
  await adopter.query('commit')
  expect(await rewriting).toMatchObject({ messages: 1 })
  await replays.close()
  expect(await messageOf(opened.store, messageId)).toMatchObject({ status: 'delivered' })
})

it('a replay leaves a parked event with the message that has adopted it meanwhile', async () => {
  const [messageId, parked] = await readAsParked()
  const adopting = await reserve(opened.store)
  const adopter = await transaction()
  await adopter.query('select from messages where id = $1 for no key update', [messageId])
  const rewriting = rewritten(opened.store, [parked])
  await somebodyWaits()
  await adopter.query('update message_events set message_id = $1 where event_id = $2', [
    adopting,
    parked.eventId,
  ])
  await adopter.query('commit')
  expect(await rewriting).toMatchObject({ messages: 1 })
  expect(await messageOf(opened.store, adopting)).toMatchObject({ status: 'delivered' })
  expect(await messageOf(opened.store, messageId)).toMatchObject({ status: 'queued' })
})

it('answers, cancels, receipts and claims of the same escalations at once do not deadlock, and leave nothing that waits', async () => {
  const instances = await twoInstances()
  const groups: { ids: [string, string]; to: string }[] = []
  for (let index = 0; index < 12; index++) {
    const to = `+3360000${1_000 + index}`
    const group = await waitingTwice(to, index % 2 === 0 ? 'one' : 'two')
    groups.push({ ids: group, to })
  }
  const receipts = groups.flatMap(({ ids }) => ids)
  const turns = Array.from({ length: 48 }, (_, turn) => {
    const store = storeFor(instances, turn)
    const { ids, to } = groups[turn % groups.length] ?? { ids: ['', ''], to: '' }
    const inbound = { sender: to, recipient: '+33700000000', text: 'Non' }
    if (turn % 4 === 0) return record(store, [event({ type: 'received', inbound, occurredAt: at(60) })])
    if (turn % 4 === 1) return store.cancelMessage(ids[turn % 2] ?? '', undefined)
    if (turn % 4 === 2) {
      const order = turn % 8 === 2 ? receipts : receipts.toReversed()
      return record(
        store,
        order.map((messageId) => event({ messageId, type: 'unknown' })),
      )
    }
    const about = { types: ['Meeting'], id: turn % 8 === 3 ? 'one' : 'two', at: at(60) }
    return turn % 3 === 0
      ? store.claimDue({ owner: 'w', leaseSeconds: 60, repeatSeconds: 60, limit: 2, now: at(60) })
      : store.stopEscalationsAbout(about, 'appointment_cancelled')
  })
  await Promise.all(turns)
  await Promise.all(instances.map((store) => store.close()))
  expect(await opened.query(`select id from messages where next_attempt_at is not null`)).toEqual([])
  expect(await opened.query(`select number from escalation_steps where state = 'waiting'`)).toEqual([])
  expect(await opened.query('select id from escalations where stopped is null')).toEqual([])
})

/** A message, and a receipt of it that lies parked, since its provider's id was not read. */
async function readAsParked(): Promise<[string, MessageEvent]> {
  const messageId = await reserve(opened.store)
  await record(opened.store, [], [accepted(messageId, 'SM1')])
  const receipt = event({ providerMessageId: 'SM1' })
  await record(opened.store, [{ ...receipt, providerMessageId: undefined }])
  return [messageId, receipt]
}

function rewritten(store: Store, events: MessageEvent[]) {
  const rows = events.map((told) => eventRow({ event: told, requestId: 'r' }))
  return store.rewriteEvents(rows, { dryRun: false })
}

/** An escalation whose first message and first step both wait for their next attempt, and whose second step waits. */
async function waitingTwice(to: string, parentId: string): Promise<[string, string]> {
  const { store } = opened
  const message = { channel: 'sms' as const, tenantId: 'acme', to, body: 'Hi' }
  const step = { channel: 'sms' as const, afterSeconds: 900, unless: 'delivered' as const }
  const steps = [step, step].map((one) => ({ ...one, request: { message, language: 'fr' as const } }))
  const id = await reserve(store, { to, parentType: 'Meeting', parentId, escalation: { steps } })
  await record(store, [], [accepted(id, `SM${id}`)])
  const now = new Date(Date.now() + 30 * 86_400_000)
  expect(await store.claimEscalations([id], { leaseSeconds: 60, now })).toHaveLength(1)
  const second = await reserve(store, { channel: 'sms', to, escalation: { id, step: 1 } })
  for (const messageId of [id, second])
    await opened.query(
      `update messages set phase = 'queued', next_attempt_at = $2, provider_message_id = null where id = $1`,
      [messageId, at(30)],
    )
  return [id, second]
}

/**
 * Each of their connections has told once, for which a fresh one plans some 80 ms: on two cores those that wait for one of 64 would
 * otherwise give up after their five seconds.
 */
async function twoInstances(): Promise<Store[]> {
  const instances = [widely(), widely()]
  const first = Array.from({ length: 2 * connections }, (_, turn) =>
    record(storeFor(instances, turn), [event({ providerMessageId: `first-${turn}` })]),
  )
  await Promise.all(first)
  await emptied(opened)
  return instances
}

/** An instance with many connections, which would show a deadlock instead of repeating the call. */
function widely(): Store {
  return createStore(createPostgresDatabase(opened.url, { connections }))
}

function storeFor(instances: Store[], index: number): Store {
  return instances[index % instances.length] ?? opened.store
}

async function transaction(): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: opened.url })
  sessions.push(session)
  await session.connect()
  await session.query('begin')
  return session
}

function tell(session: pg.Client, events: MessageEvent[], outcomes: Outcome[]): Promise<unknown> {
  const rows = events.map((told) => eventRow({ event: told, requestId: undefined }))
  return session.query('select record_events($1::jsonb, $2::jsonb, $3::jsonb, $4::jsonb, 0, 0)', [
    JSON.stringify(rows),
    JSON.stringify(outcomes.map(outcomeRow)),
    '[]',
    JSON.stringify(jobsOf),
  ])
}

/** Until a connection waits for another one's transaction, in this database: others on the server wait for their own. */
function somebodyWaits(): Promise<void> {
  const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  return vi.waitFor(async () => expect(await opened.query(waiting)).not.toEqual([]), {
    timeout: 10_000,
    interval: 10,
  })
}
