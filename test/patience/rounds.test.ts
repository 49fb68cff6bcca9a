import { expect, test, vi } from 'vitest'
import { readConfig } from '#src/config.ts'
import { createHouse } from '#src/house.ts'
import { now, silentLog, spoolIn, temporaryFolder } from '#support/spool.ts'
import { askedStore } from './asked-store.ts'

test('the rounds: the spool twice a second, work each second, look-ups every five seconds, stale queues every fifteen, upkeep every thirty', async () => {
  const { store } = askedStore()
  const house = createHouse({
    config: readConfig({}),
    providers: { entries: [], on: new Map(), primary: {}, fallback: {}, readers: new Map() },
    store,
    spool: await spoolIn(temporaryFolder()),
    log: silentLog(),
    now,
    clock: () => 0,
    crm: undefined,
    appointmentTypes: [],
    owner: 'test',
    workerEveryMs: undefined,
  })
  const timers = vi.spyOn(globalThis, 'setTimeout')
  house.start()
  const pauses = timers.mock.calls.map(([, ms]) => Number(ms))
  timers.mockRestore()
  await house.stop()
  // Sending, tidying, the CRM and escalations.
  const eachSecond = [1_000, 1_000, 1_000, 1_000]
  expect(pauses.toSorted((one, other) => one - other)).toEqual([
    500,
    ...eachSecond,
    5_000,
    15_000,
    30_000,
    30_000,
  ])
})
