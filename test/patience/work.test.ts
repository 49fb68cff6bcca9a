import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createJobs } from '#src/crm/jobs.ts'
import { createEscalation } from '#src/escalation/escalation.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { Json } from '#src/model/json.ts'
import type { DatabaseWord } from '#src/receiving/database-watch.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { at, customer, event, newMessage, record, reserving } from '#support/facts.ts'
import { silentLog } from '#support/spool.ts'
import { emptied } from '#support/stores.ts'
import { askedStore } from './asked-store.ts'
import { messageRow } from './rows.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const log = silentLog()

let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterAll(() => opened?.drop())

const away = () => new ProviderError('espocrm', 'retryable', 'espocrm: cannot be reached')
const oops = () => new TypeError('oops')

/** Jobs whose work fails so, at a time that the test sets; `fail` says how long until one is tried again, null: given up. */
function failing(error: () => Error) {
  const clock = { time: 0 }
  let due: Record<string, Json>[] = []
  const { store, asked } = askedStore({ claim_jobs: () => due.splice(0), end_job: 1 })
  const jobs = createJobs({
    store,
    work: new Map([['tell', () => Promise.reject(error())]]),
    owner: 'test',
    metrics: createMetrics(),
    log,
    now: () => new Date(clock.time),
    clock: () => clock.time,
  })
  async function fail({ tries = 1, afterMs = 0, madeAt = clock.time }): Promise<number | null> {
    clock.time = madeAt + afterMs
    const job = {
      id: 1,
      kind: 'tell',
      payload: {},
      request_id: null,
      message_id: 'm1',
      message: messageRow(),
    }
    due = [{ ...job, tries, age_seconds: afterMs / 1_000 }]
    await jobs.round()
    const { retry_seconds: seconds } = asked('end_job').at(-1) ?? {}
    return typeof seconds === 'number' ? seconds * 1_000 : null
  }
  return { fail, asked, clock }
}

test('five jobs are claimed at once, and leased for five minutes', async () => {
  const { fail, asked } = failing(oops)
  await fail({})
  expect(asked('claim_jobs')[0]).toMatchObject({ at_most: 5, lease_seconds: 300 })
})

test('work waits for 36 hours while the CRM is away', async () => {
  // Tried again after 15 to 19 seconds.
  expect(await failing(away).fail({ afterMs: 36 * hour - 20 * second })).not.toBeNull()
  expect(await failing(away).fail({ afterMs: 36 * hour - 14 * second })).toBeNull()
})

test('while the CRM is away it is asked every five minutes at least', async () => {
  const { fail, clock } = failing(away)
  const pauses: (number | null)[] = []
  for (let failures = 0; failures < 7; failures++) {
    pauses.push(await fail({}))
    clock.time += hour
  }
  expect(pauses.slice(-2)).toEqual([5 * minute, 5 * minute])
  expect(pauses[3]).toBeLessThan(5 * minute)
})

test('work that fails by itself is tried 43 times', async () => {
  expect(await failing(oops).fail({ tries: 42 })).not.toBeNull()
  expect(await failing(oops).fail({ tries: 43 })).toBeNull()
})

test('a person’s words may answer a message about an appointment that went out in the 72 hours before', async () => {
  await opened.store.reserveMessage(newMessage({ parentType: 'Meeting', parentId: 'm1' }), reserving)
  const meant = async (seconds: number) => {
    const inbound = { sender: customer, recipient: '+33700000000', text: 'OUI' }
    await record(opened.store, [event({ type: 'received', inbound, occurredAt: at(seconds) })])
    const [said] = await opened.query(
      `select id from messages where direction = 'inbound' order by created_at desc limit 1`,
    )
    return (await opened.store.meantAppointment(String(said?.id), ['Meeting']))?.appointment
  }
  expect(await meant(72 * 3_600)).toMatchObject({ parent_id: 'm1' })
  expect(await meant(72 * 3_600 + 1)).toBeNull()
})

/** The rounds of an escalation at these times, one of whose steps has had its time; its provider cannot be asked. */
async function escalating(
  times: number[],
  ingest = { word: () => 'there' as DatabaseWord, lacksForMs: () => 0 },
) {
  const due = {
    escalation_id: randomUUID(),
    number: 1,
    reason: 'time',
    message: { ...messageRow(), attempted_at: null },
    about: null,
    since: new Date(0).toISOString(),
    looked_at: new Date(0).toISOString(),
  }
  const { store, asked } = askedStore({ due_steps: [due] })
  const clock = { time: 0 }
  const { round } = createEscalation({
    store,
    ingest,
    deliver: () => Promise.reject(new Error('not reached')),
    askAbout: async () => false,
    over: async () => false,
    log,
    clock: () => clock.time,
  })
  const claims: number[] = []
  for (clock.time of times) {
    await round()
    claims.push(asked('claim_escalations').length)
  }
  return { asked, claims }
}

test('twenty steps are looked at in a round, and those that are sent leased for four minutes', async () => {
  const { asked } = await escalating([hour])
  expect(asked('due_steps')).toMatchObject([{ at_most: 20 }])
  expect(asked('claim_escalations')).toMatchObject([{ lease_seconds: 240 }])
})

test('nothing is sent because its time has come in the five minutes after we were away, unless its provider was asked', async () => {
  const { claims } = await escalating([0, 5 * minute - 1, 5 * minute])
  expect(claims).toEqual([0, 0, 1])
})

test('a database that lacks something for ten seconds was slow; for longer, or away, it begins the five minutes anew', async () => {
  let lacking = 10_000
  let word: DatabaseWord = 'busy'
  const times = [0, 5 * minute, 10 * minute, 15 * minute, 20 * minute]
  const shown: [DatabaseWord, number][] = [
    ['there', 0],
    ['busy', 10_000],
    ['busy', 10_001],
    ['there', 0],
    ['away', 0],
  ]
  const rounds = shown.values()
  const { claims } = await escalating(times, {
    word() {
      ;[word, lacking] = rounds.next().value ?? ['there', 0]
      return word
    },
    lacksForMs: () => lacking,
  })
  expect(claims).toEqual([0, 1, 1, 2, 2])
})
