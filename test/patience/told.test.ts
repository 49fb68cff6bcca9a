import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { batchRows } from '#src/store/rows.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { at, customer, event, messageOf, newMessage, record, reserve, reserving } from '#support/facts.ts'
import { emptied } from '#support/stores.ts'
import { ingestOn, stubStore, told } from '../receiving/ingest-stub.ts'

const week = 7 * 86_400
const minutes = 60

let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterAll(() => opened?.drop())

/** An event that names nothing but an address. */
const nameless = (seconds: number) =>
  event({ recipient: customer, guess: true, occurredAt: at(seconds), receivedAt: at(seconds) })

async function matched(): Promise<unknown> {
  const [row] = await opened.query('select message_id is not null as matched from message_events')
  return row?.matched
}

test.each([
  { what: 'seven days after it', seconds: week, found: true },
  { what: 'later than that', seconds: week + 1, found: false },
  { what: 'five minutes before it, by another clock', seconds: -5 * minutes, found: true },
  { what: 'sooner than that', seconds: -5 * minutes - 1, found: false },
])('an event that names no message is guessed to be about one, $what: $found', async ({ seconds, found }) => {
  await reserve(opened.store)
  const told = nameless(seconds)
  await record(opened.store, [told])
  expect(await matched()).toBe(found)

  // The same where it lay parked, and where it is read again.
  await opened.query('update message_events set message_id = null')
  expect((await opened.store.matchParked({ now: at(seconds) })).matched).toBe(found ? 1 : 0)
  await opened.query('update message_events set message_id = null')
  const { events } = batchRows({ events: [{ event: told, requestId: undefined }] })
  await opened.store.rewriteEvents(events, { dryRun: false })
  expect(await matched()).toBe(found)
})

test.each([
  { what: 'five minutes after', seconds: 5 * minutes, tenant: 'acme' },
  { what: 'later', seconds: 5 * minutes + 1, tenant: null },
])('a reply may answer what was written, by another clock, $what', async ({ seconds, tenant }) => {
  await opened.store.reserveMessage(newMessage(), { ...reserving, now: at(seconds) })
  const inbound = { sender: customer, recipient: '+33700000000', text: 'Bonjour' }
  await record(opened.store, [event({ type: 'received', inbound, receivedAt: at(0) })])
  const [row] = await opened.query(`select tenant_id from messages where direction = 'inbound'`)
  expect(row?.tenant_id).toBe(tenant)
})

test('a receipt that is parked is looked for during a day', async () => {
  await record(opened.store, [event({ providerMessageId: 'SM1', occurredAt: at(0), receivedAt: at(0) })])
  const messageId = await reserve(opened.store)
  await opened.query(`update messages set provider_message_id = 'SM1'`)
  expect((await opened.store.matchParked({ now: at(86_400) })).matched).toBe(0)
  expect((await opened.store.matchParked({ now: at(86_399) })).matched).toBe(1)
  expect(await messageOf(opened.store, messageId)).toMatchObject({ status: 'delivered' })
})

test('five hundred parked receipts are looked at, and a thousand expired attempts settled, at once', async () => {
  await opened.query(
    `with made as (
       insert into messages (id, tenant_id, channel, direction, provider, provider_message_id, recipient, attempts, phase, created_at, updated_at)
       select gen_random_uuid(), 't1', 'sms', 'outbound', 'twilio', 'SM' || n, '+33612345678', 1, 'sending', $1, $1
       from generate_series(1, 1001) n
       returning id, provider_message_id
     ), begun as (
       insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
       select id, 1, 'twilio', 'test', $1, $1 from made
     )
     insert into message_events (provider, event_id, type, provider_type, provider_message_id, source, occurred_at, received_at)
     select 'twilio', id, 'unknown', 'unknown', provider_message_id, 'webhook', $1, $1 from made`,
    [at(0)],
  )
  const { store } = opened
  const first = await store.matchParked({ now: at(1) })
  const second = await store.matchParked({ now: at(1), before: first.reached })
  const third = await store.matchParked({ now: at(1), before: second.reached })
  expect([first, second].map(({ matched }) => matched)).toEqual([500, 500])
  expect(third).toEqual({ matched: 1 })
  const expired = [await store.endExpiredAttempts(at(1)), await store.endExpiredAttempts(at(1))]
  expect(expired.map(({ length }) => length)).toEqual([1_000, 1])
})

test('what the database has not taken after 400 milliseconds goes to the disk', async () => {
  const stub = stubStore(() => new Promise(() => {}))
  const { ingest, spool } = await ingestOn(stub)
  const append = vi.spyOn(spool, 'append')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    void ingest.record(told('a'))
    await vi.advanceTimersByTimeAsync(399)
    expect(append).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(append).toHaveBeenCalledTimes(1)
  } finally {
    vi.useRealTimers()
  }
})
