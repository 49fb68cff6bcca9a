import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Provider } from '#src/contract/provider.ts'
import { createReconciler } from '#src/reconciliation/reconcile.ts'
import { createStaleQueues } from '#src/reconciliation/stale-queue.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import { acceptance, notKnown, type Tried } from '#src/sending/attempt-end.ts'
import { createStore } from '#src/store/store.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, at, newMessage, record, reserve, start } from '#support/facts.ts'
import { silentLog } from '#support/spool.ts'
import { emptied } from '#support/stores.ts'
import { askedStore } from './asked-store.ts'

const minute = 60_000
const hour = 60 * minute

let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterAll(() => opened?.drop())

/** Look-ups at a time that the test sets, at one provider. */
function reconcilerAt(
  clock: { time: number },
  can: Partial<Provider>,
  { database }: Pick<TestDatabase, 'database'> = opened,
) {
  const log = silentLog()
  const info = vi.spyOn(log, 'info')
  const now = () => new Date(clock.time)
  const reconciler = createReconciler({
    store: createStore(database, now),
    recorder: vi.fn(),
    providers: new Map([['twilio', { name: 'twilio', channels: ['whatsapp'], ...can }]]),
    metrics: createMetrics(),
    log,
    now,
    clock: () => clock.time,
  })
  const reports = () => info.mock.calls.filter(([fact]) => fact === 'reconciled').length
  return { round: reconciler.round, reports }
}

test.each([
  { channel: 'email', minutes: 30 },
  { channel: 'whatsapp', minutes: 15 },
  { channel: 'sms', minutes: 15 },
] as const)(
  '$channel: what was accepted is first asked about after $minutes minutes',
  ({ channel, minutes }) => {
    const provider: Provider = { name: 'p', channels: [channel], status: async () => [] }
    const tried: Tried = {
      provider,
      message: newMessage({ channel }).message,
      attempt: { number: 1 },
      at: start,
    }
    const receipt = {
      providerMessageId: '1',
      eventId: '1',
      type: 'sent',
      providerType: 'sent',
      raw: {},
    } as const
    expect(acceptance(tried, receipt).ended.checkAt).toEqual(at(minutes * 60))
  },
)

test('a send of unknown outcome is first looked for after three minutes', () => {
  const provider: Provider = { name: 'p', channels: ['sms'], find: async () => [] }
  const tried: Tried = { provider, message: newMessage().message, attempt: { number: 1 }, at: start }
  expect(notKnown(tried, undefined, 'no answer').ended.checkAt).toEqual(at(180))
})

test('it is asked again after 15 minutes, after twice as long each time up to 12 hours, until three days are over', async () => {
  const messageId = await reserve(opened.store)
  await record(opened.store, [], [accepted(messageId, 'SM1', { checkAt: at(900) })])
  const clock = { time: 0 }
  const status = vi.fn(async () => [])
  const { round } = reconcilerAt(clock, { status })
  const askedAt: number[] = []
  for (let due = await checkAt(); due; due = await checkAt()) {
    clock.time = due
    await round()
    askedAt.push((due - +start) / minute)
  }
  expect(status).toHaveBeenCalledTimes(askedAt.length)
  expect(askedAt).toEqual([15, 30, 60, 120, 240, 480, 960, 1680, 2400, 3120, 3840, 4560])
})

async function checkAt(): Promise<number | undefined> {
  const [row] = await opened.query('select check_at from messages')
  return row?.check_at ? +new Date(String(row.check_at)) : undefined
}

test('twenty messages are asked about in a round', async () => {
  const { database, asked } = askedStore()
  await reconcilerAt({ time: 0 }, {}, { database }).round()
  expect(asked('claim_checks')).toMatchObject([{ at_most: 20 }])
})

test('a stop waits for the look-up under way, and for none that is still to be made', async () => {
  for (const id of ['SM1', 'SM2', 'SM3'])
    await record(opened.store, [], [accepted(await reserve(opened.store), id, { checkAt: at(0) })])
  const stopping = new AbortController()
  const status = vi.fn(async () => {
    stopping.abort()
    return []
  })
  const { round } = reconcilerAt({ time: +at(0) }, { status, lookUpPauseMs: 100_000_000 })
  await round(stopping.signal)
  expect(status).toHaveBeenCalledTimes(1)
})

test('what people wrote is listed each hour: of a day the first time, then from ten minutes before the last', async () => {
  const clock = { time: 100 * hour }
  const inboundSince = vi.fn(async (_since: Date) => [])
  const { round } = reconcilerAt(clock, { inboundSince })
  for (clock.time of [100 * hour, 101 * hour - 1, 101 * hour]) await round()
  expect(inboundSince.mock.calls.map(([since]) => +since)).toEqual([76 * hour, 100 * hour - 10 * minute])
})

test('how the look-ups went is said once a day', async () => {
  const clock = { time: 0 }
  const { round, reports } = reconcilerAt(clock, {})
  const said: number[] = []
  for (clock.time of [0, 24 * hour - 1, 24 * hour, 48 * hour - 1]) {
    await round()
    said.push(reports())
  }
  expect(said).toEqual([0, 0, 1, 1])
})

test('what lies with a provider for ten minutes is taken back, and looked at again five minutes later', async () => {
  const { store, asked } = askedStore()
  const twilio: Provider = { name: 'twilio', channels: ['sms'], clearQueue: async () => [] }
  const ingest = { record: vi.fn(), drain: vi.fn(), word: vi.fn(), lacksForMs: vi.fn(), state: vi.fn() }
  const providers = new Map([['twilio', twilio]])
  await createStaleQueues({ store, ingest, providers, log: silentLog() }).round()
  expect(asked('claim_stale_queue')).toMatchObject([{ stale_seconds: 600, pause_seconds: 300 }])
})
