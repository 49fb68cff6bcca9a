import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createTracking } from '#src/email/tracking.ts'
import { ProviderError } from '#src/model/errors.ts'
import { failure, notKnown, type Tried } from '#src/sending/attempt-end.ts'
import { createDeliver } from '#src/sending/deliver.ts'
import { followingOf } from '#src/sending/following.ts'
import { createPhantoms } from '#src/sending/phantoms.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { at, newMessage, reserving, start } from '#support/facts.ts'
import { becomes, byResend, comes, schedule } from '#support/sends.ts'
import { silentLog } from '#support/spool.ts'
import { emptied } from '#support/stores.ts'
import { startWorld } from '#support/world.ts'
import { goingBy, sendOn, someone } from '../sending/fail-over.ts'
import { askedStore } from './asked-store.ts'
import { messageRow } from './rows.ts'

const second = 1_000
const hour = 3_600 * second
const log = silentLog()

let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterAll(() => opened?.drop())

const resend = { name: 'resend', channels: ['email' as const], recognisesRepeats: true as const }

function tried(attempt: Tried['attempt'], at: Date): Tried {
  return { provider: resend, message: newMessage({ channel: 'email' }).message, attempt, at }
}

test('what has no end is given up after 56 attempts, some two days', () => {
  const busy = new ProviderError('resend', 'retryable', 'resend: too many requests')
  const after = (number: number) => failure(tried({ number }, start), busy).ended.outcome
  expect([after(55), after(56)]).toEqual(['retryable', 'exhausted'])
})

test('an unknown outcome is repeated for 23 hours at a provider that recognises repeats', () => {
  const next = (sinceMs: number) =>
    notKnown(tried({ number: 1, since: start }, new Date(+start + sinceMs)), undefined, 'no answer').ended
      .nextAttemptAt
  // The next attempt comes 15 to 19 seconds later.
  expect(next(23 * hour - 20 * second)).toBeDefined()
  expect(next(23 * hour - 15 * second)).toBeUndefined()
})

test('a key is one message’s for seven days', async () => {
  const outcomeAt = async (seconds: number) => {
    const idempotency = { key: 'k1', requestHash: 'same' }
    const options = { ...reserving, idempotency, now: at(seconds) }
    return (await opened.store.reserveMessage(newMessage(), options)).outcome
  }
  expect(await outcomeAt(0)).toBe('reserved')
  expect(await outcomeAt(7 * 86_400)).toBe('repeat')
  expect(await outcomeAt(7 * 86_400 + 1)).toBe('reserved')
})

const beingSent = { message: messageRow(), events: [], attempts: [], escalation: null }

/** The times that performance.now() shows, one after another. */
function showTimes(...times: number[]): void {
  vi.spyOn(performance, 'now').mockImplementation(() => times.shift() ?? Number.NaN)
}

test('a repeat waits ten seconds for the first request with its key', async () => {
  const reserve_messages = [{ outcome: 'repeat', message: messageRow() }]
  const { store, asked } = askedStore({ reserve_messages, get_message: beingSent })
  showTimes(0, 9_999, 10_000)
  const deliver = createDeliver({
    store,
    phantoms: createPhantoms({ store, log, clock: () => 0 }),
    // A repeat makes no attempt.
    attempts: {
      run: () => Promise.reject(new Error('not reached')),
      ended: async () => {},
    },
    ways: {
      choose: () => ({ provider: resend, fallback: undefined }),
      fallbacks: new Map(),
      off: [],
      avoided: () => [],
    },
    tracking: createTracking({ tokens: undefined, baseUrl: undefined, production: false }),
    limits: { hour: undefined, recipientDay: undefined },
    waits: { ages: { reminder: 0, text: 0, email: 0 }, appointmentTypes: [] },
    linkUnsubscribe: (unchanged) => ({ message: unchanged, warnings: [] }),
    traced: false,
    owner: 'test',
    now: () => start,
  })
  const { message } = newMessage({ channel: 'email' })
  const answer = await deliver({ message, requestId: 'r1', language: 'fr' }).finally(vi.restoreAllMocks)
  expect(answer.status).toBe(202)
  // Once in time, and once when the time is over.
  expect(asked('get_message')).toHaveLength(2)
})

test('a refusal waits two seconds to be known to the database, for what follows it', async () => {
  const { store, asked } = askedStore({ get_message: beingSent })
  showTimes(0, 1_999, 2_000)
  expect(await followingOf(store, 'm1').finally(vi.restoreAllMocks)).toBe('unknown')
  expect(asked('get_message')).toHaveLength(2)
})

test('a reservation whose answer was lost is looked for during a minute', async () => {
  let time = 0
  const { store, asked } = askedStore({ undo_reservation: { undone: 0, alive: false } })
  const phantoms = createPhantoms({ store, log, clock: () => time })
  phantoms.add('m1', 't1', undefined)
  const looks: number[] = []
  for (time of [0, 60 * second, 60 * second + 1, 61 * second]) {
    await phantoms.undo()
    looks.push(asked('undo_reservation').length)
  }
  // Forgotten by the first look that finds the minute over.
  expect(looks).toEqual([1, 2, 3, 3])
})

test('every attempt is leased for 180 seconds: a send’s, its fallback’s, one that was due', async () => {
  const pair = { action: 'sendEmail', first: 'sendgrid', other: 'resend' } as const
  const nobody = { SENDGRID_API_URL: 'http://127.0.0.1:1' }
  const world = await startWorld({ workerEveryMs: 20, environment: { ...goingBy([pair]), ...nobody } })
  const { body } = await sendOn(world, pair, someone(pair))
  const due = await schedule(world, byResend, someone(pair))
  await comes(world, due)
  await becomes(world, due, { attempts: 1, providerMessageId: expect.anything() })
  const leases = await world.database.query(
    `select message_id, provider, extract(epoch from lease_until - begun_at)::integer as seconds
     from message_attempts order by begun_at, number`,
  )
  await world.stop()
  expect(leases).toEqual([
    { message_id: body.messageId, provider: 'sendgrid', seconds: 180 },
    { message_id: body.messageId, provider: 'resend', seconds: 180 },
    { message_id: due, provider: 'resend', seconds: 180 },
  ])
})
