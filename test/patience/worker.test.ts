import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Json } from '#src/model/json.ts'
import { placesAProvider } from '#src/patience.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import { createWorker } from '#src/sending/worker.ts'
import { newMessage } from '#support/facts.ts'
import { silentLog } from '#support/spool.ts'
import { askedStore } from './asked-store.ts'
import { messageRow } from './rows.ts'

const minute = 60_000
const log = silentLog()

/** The database has all that is known. */
const knowing: Partial<Ingest> = { word: () => 'there', lacksForMs: () => 0 }

/** A worker at a time that the test sets, whose sends end when it is stopped. */
function workerAt(clock: { time: number }, due: () => Json[] = () => [], ingest: Partial<Ingest> = knowing) {
  const payload = JSON.parse(JSON.stringify(newMessage({ channel: 'sms' }).message))
  const { store, asked } = askedStore({ claim_due: due, message_payload: payload })
  const stopped = Promise.withResolvers<never>()
  stopped.promise.catch(() => {})
  const run = vi.fn(() => stopped.promise)
  const worker = createWorker({
    store,
    ingest: ingest as Ingest,
    phantoms: { add() {}, undo: async () => {} },
    attempts: { run, ended: async () => {} },
    breaker: { due: () => false, lets: () => false, whyOpen: () => undefined },
    pace: { places: () => placesAProvider, rests: () => {} },
    ways: { avoided: () => [], fallbacks: new Map(), off: [] },
    providers: new Map([['twilio', { name: 'twilio', channels: ['sms'] }]]),
    owner: 'test',
    log,
    now: () => new Date(clock.time),
    clock: () => clock.time,
    everyMs: 1,
  })
  onTestFinished(() => {
    stopped.reject(new Error('test: stopped'))
    return worker.stop()
  })
  return { worker, asked, run }
}

/** The arguments of the next call of this SQL function, while the worker goes round and round. */
async function next(asked: ReturnType<typeof askedStore>['asked'], sqlFunction: string) {
  const before = asked(sqlFunction).length
  await vi.waitFor(() => expect(asked(sqlFunction).length).toBeGreaterThan(before), { timeout: 10_000 })
  return asked(sqlFunction)[before]
}

test('due messages are claimed twenty at once, leased for 180 seconds, and unknown ones for 23 hours', async () => {
  const { worker, asked } = workerAt({ time: 0 })
  worker.start()
  expect(await next(asked, 'claim_due')).toMatchObject({
    at_most: 20,
    lease_seconds: 180,
    repeat_seconds: 23 * 3_600,
  })
})

const circumstances = { suppressed: null, heard_for_seconds: null, stopped: null }

test('a provider that has twenty sends under way is given no more', async () => {
  const due = () =>
    Array.from({ length: 10 }, () => {
      const row = {
        ...messageRow({ provider: 'twilio', channel: 'sms' }),
        instead_of: null,
        uncertain: false,
        queued_for_seconds: 0,
        expires_in_seconds: null,
      }
      return { ...row, id: randomUUID(), begun_at: '2026-11-20T10:00:00+00:00', circumstances }
    })
  const { worker, asked, run } = workerAt({ time: 0 }, due)
  worker.start()
  // What it would claim next is none of this provider's.
  await vi.waitFor(() => expect(asked('claim_due').map(({ busy }) => busy)).toContainEqual(['twilio']))
  expect(
    asked('claim_due')
      .slice(0, 3)
      .map(({ busy }) => busy),
  ).toEqual([[], [], ['twilio']])
  expect(run.mock.calls.length).toBeGreaterThanOrEqual(20)
})

test('receipts parked for two minutes are looked at each round, and those of a day every five minutes', async () => {
  const clock = { time: 100 * minute }
  const { worker, asked } = workerAt(clock)
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) await next(asked, 'match_parked')
    return asked('match_parked').map(({ within_seconds: span }) => span)
  }
  worker.start()
  expect((await rounds(3)).slice(0, 3)).toEqual([120, 86_400, 120])
  clock.time += 5 * minute - 1
  expect((await rounds(3)).filter((span) => span === 86_400)).toHaveLength(1)
  clock.time += 1
  expect((await rounds(3)).filter((span) => span === 86_400)).toHaveLength(2)
})

test('a worker whose last round ended a minute ago is not healthy', async () => {
  const clock = { time: 0 }
  const { worker } = workerAt(clock)
  const healthyAt = (time: number) => {
    clock.time = time
    return worker.healthy()
  }
  expect([healthyAt(minute - 1), healthyAt(minute)]).toEqual([true, false])
})

test('no lease is over while the database has lacked something for a minute: it may be how that attempt ended', async () => {
  let lacksForMs = minute
  const { worker, asked } = workerAt({ time: 0 }, () => [], {
    word: () => 'busy',
    lacksForMs: () => lacksForMs,
  })
  worker.start()
  for (let round = 0; round < 3; round++) await next(asked, 'match_parked')
  // What is due goes out all the same.
  expect([asked('end_expired_attempts').length, asked('claim_due').length > 0]).toEqual([0, true])
  lacksForMs -= 1
  await next(asked, 'end_expired_attempts')
})

test('while the database is away it is asked for nothing', async () => {
  let word: 'away' | 'there' = 'away'
  const looked = vi.fn(() => word)
  const { worker, asked } = workerAt({ time: 0 }, () => [], { word: looked, lacksForMs: () => 0 })
  worker.start()
  await vi.waitFor(() => expect(looked.mock.calls.length).toBeGreaterThan(6), { timeout: 10_000 })
  const functions = ['claim_due', 'match_parked', 'end_expired_attempts'] as const
  expect(functions.map((name) => asked(name).length)).toEqual([0, 0, 0])
  word = 'there'
  for (const name of functions) await next(asked, name)
})
