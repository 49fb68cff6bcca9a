import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jobsOf } from '#src/model/job.ts'
import { sqlArguments, sqlCall } from '#src/store/call.ts'
import { StoreError } from '#src/store/database.ts'
import { messageRow } from '#src/store/message-row.ts'
import { outcomeRow } from '#src/store/rows.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, at, newMessage, record, reserve, reserving } from '#support/facts.ts'
import { emptied } from '#support/stores.ts'

/** A call whose caller has gone: its backend waits for a lock, gets it, and would commit for nobody. */
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

const leased = { owner: 'worker', lease_seconds: 60 }
const moment = at(100)
const everywhere = `select
  (select jsonb_agg(to_jsonb(m) order by m.id) from messages m) as messages,
  (select jsonb_agg(to_jsonb(a) order by a.message_id, a.number) from message_attempts a) as attempts,
  (select jsonb_agg(to_jsonb(j) order by j.id) from jobs j) as jobs,
  (select jsonb_agg(to_jsonb(s) order by s.escalation_id, s.number) from escalation_steps s) as steps,
  (select jsonb_agg(to_jsonb(k)) from idempotency_keys k) as keys`

const failing = (id: string) => ({ ...accepted(id, ''), outcome: 'retryable' as const, errorCode: '429' })

/** Each call that begins something: what it is called with, where something is there to be begun. */
const calls: Record<string, () => Promise<[table: string, args: Record<string, unknown>]>> = {
  async claim_due() {
    await reserve(opened.store, { sendAt: at(60) })
    const chosen = { busy: [], avoided: [], stand_ins: [], off: [], repeat_seconds: 3_600, at_most: 10 }
    return ['messages', { ...leased, ...chosen, as_of: moment }]
  },
  async claim_checks() {
    const messageId = await reserve(opened.store)
    await record(opened.store, [], [accepted(messageId, 'SM1', { checkAt: at(60) })])
    const pauses = { first_pause_seconds: 60, longest_pause_seconds: 60, until_seconds: 3_600 }
    return ['messages', { ...pauses, at_most: 10, as_of: moment }]
  },
  async claim_jobs() {
    const messageId = await reserve(opened.store, { traced: true })
    await record(opened.store, [], [accepted(messageId, 'SM1')])
    return ['jobs', { ...leased, at_most: 10, as_of: new Date(Date.now() + 60_000) }]
  },
  async claim_escalations() {
    const wanted = newMessage({
      escalation: {
        steps: [{ channel: 'sms', unless: 'delivered', afterSeconds: 10, request: {} as never }],
      },
    })
    await opened.store.reserveMessage(wanted, reserving)
    await record(opened.store, [], [accepted(wanted.message.id, 'SM1')])
    const due = new Date(Date.now() + 60_000)
    return ['escalation_steps', { wanted: [wanted.message.id], lease_seconds: 60, as_of: due }]
  },
  async reserve_messages() {
    const message = messageRow(newMessage())
    const wanted = { message, idempotency: null, limits: {}, as_of: null, ...leased }
    return ['messages', { reservations: [wanted], key_seconds: 60 }]
  },
  async fail_over() {
    const messageId = await reserve(opened.store, { fallback: 'greenapi' })
    return [
      'messages',
      { proof: outcomeRow(failing(messageId)), ...leased, owner: 'process-1', follows: jobsOf },
    ]
  },
}

describe.each(Object.entries(calls))('%s', (name, prepare) => {
  it('begins what there is', async () => {
    const [, args] = await prepare()
    const before = await opened.query(everywhere)
    await call(name, { ...args, heard_seconds: 5 })
    expect(await opened.query(everywhere)).not.toEqual(before)
  })

  it('changes nothing where a lock held it up for longer than its caller waits', async () => {
    const [table, args] = await prepare()
    const before = await opened.query(everywhere)
    const holder = await session()
    await holder.query(`begin; lock table ${table} in access exclusive mode`)
    const called = call(name, { ...args, heard_seconds: 1 })
    await pause(1_200)
    await holder.query('commit')
    await expect(called).rejects.toMatchObject({ code: '57014' })
    expect(await opened.query(everywhere)).toEqual(before)
  })
})

it('nobody waits for a lock for as long as a caller waits for an answer: the database counts as away', async () => {
  const holder = await session()
  await holder.query('begin; lock table messages in access exclusive mode')
  const began = performance.now()
  const refused = await opened.store.longestDueMs().catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StoreError)
  expect(refused).toMatchObject({ sqlstate: '55P03', away: true })
  expect(performance.now() - began).toBeLessThan(9_000)
})

it('a reservation that is still under way is looked for again, and undone when it is there', async () => {
  const { store } = opened
  const wanted = newMessage()
  const other = await session()
  await other.query('begin')
  const reservation = { message: messageRow(wanted), idempotency: null, limits: {}, as_of: null, ...leased }
  const { text, values } = sqlCall(
    'reserve_messages',
    sqlArguments({ reservations: [reservation], key_seconds: 60, heard_seconds: 60 } as never),
  )
  await other.query(text, values)
  const undo = () => store.undoReservation(wanted.message.id, 'acme', undefined)
  expect(await undo()).toEqual({ undone: 0, alive: true })
  await other.query('commit')
  expect(await undo()).toEqual({ undone: 1, alive: false })
  expect(await store.undoReservation(randomUUID(), 'acme', undefined)).toEqual({ undone: 0, alive: false })
})

async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: opened.url })
  sessions.push(client)
  await client.connect()
  return client
}

async function call(name: string, args: Record<string, unknown>): Promise<unknown> {
  const { text, values } = sqlCall(name, sqlArguments(args as never))
  return (await session()).query(text, values)
}
