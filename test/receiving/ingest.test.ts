import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { StoreError } from '#src/store/database.ts'
import { journals } from '#support/spool.ts'
import { ingestOn, stubStore, told } from './ingest-stub.ts'

test('what arrives while a commit is running is written by the next one, together', async () => {
  const { promise: disk, resolve: open } = Promise.withResolvers<void>()
  const stub = stubStore(() => disk)
  const { ingest } = await ingestOn(stub)
  const all = Array.from({ length: 50 }, (_, number) => ingest.record(told(`e${number}`)))
  expect(stub.recordRows).toHaveBeenCalledTimes(1)
  open()
  await Promise.all(all)
  expect(stub.commits.map(({ events }) => events.length)).toEqual([1, 49])
})

test('an idle house commits at once, without a timer', async () => {
  vi.useFakeTimers()
  const stub = stubStore()
  const { ingest } = await ingestOn(stub)
  await ingest.record(told())
  vi.useRealTimers()
  expect(stub.commits).toHaveLength(1)
})

test('each is answered when its own commit is durable, and not before', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let commits = 0
  const stub = stubStore(() => gates[commits++]?.promise ?? Promise.resolve())
  const { ingest } = await ingestOn(stub)
  const answered: string[] = []
  const first = ingest.record(told()).then(() => answered.push('first'))
  const second = ingest.record(told()).then(() => answered.push('second'))
  gates[0]?.resolve()
  await first
  await pause(5)
  expect(answered).toEqual(['first'])
  gates[1]?.resolve()
  await second
  expect(answered).toEqual(['first', 'second'])
})

test('one event that the database refuses is quarantined, and those that share its commit are kept', async () => {
  const stub = stubStore(async ({ events }) => {
    if (events.some(({ event_id: id }) => id === 'bad')) throw new StoreError('22P05', 'bad value')
  })
  const { ingest } = await ingestOn(stub)
  const ids = ['a', 'b', 'bad', 'c', 'd']
  await Promise.all(ids.map((id) => ingest.record(told(id))))
  expect(stub.ids().toSorted()).toEqual(['a', 'b', 'c', 'd'])
  expect(stub.commits.flatMap(({ quarantined }) => quarantined)).toMatchObject([{ provider: 'twilio' }])
})

test('past the memory limit the disk takes it', async () => {
  const { promise: database, resolve: open } = Promise.withResolvers<void>()
  const stub = stubStore(() => database)
  const { ingest, dataDir } = await ingestOn(stub)
  const waiting = [ingest.record(told()), ingest.record(large()), ingest.record(large())]
  await ingest.record(told('on-disk', 'x'.repeat(1_000_000)))
  expect(journals(dataDir)).toHaveLength(1)
  expect(stub.ids()).toEqual([])
  open()
  await Promise.all(waiting)
  await ingest.drain()
  expect(stub.ids()).toContain('on-disk')
})

test('what the database is still at counts as held, though nobody waits for it any more', async () => {
  const { promise: slow, resolve: end } = Promise.withResolvers<void>()
  const calls = [slow]
  const stub = stubStore(() => calls.shift() ?? Promise.resolve())
  const { ingest, dataDir } = await ingestOn(stub)
  // Given up after its time, it goes to the disk and from there into the database, which is still at the first call.
  await ingest.record(large())
  await ingest.drain()
  expect(journals(dataDir)).toEqual([])
  await Promise.all([ingest.record(large()), ingest.record(large())])
  expect(journals(dataDir)).toHaveLength(1)
  await ingest.drain()
  end()
  await expect.poll(() => stub.commits).toHaveLength(4)
  await Promise.all([ingest.record(large()), ingest.record(large())])
  expect(journals(dataDir)).toEqual([])
})

/** A batch of one event that is some megabytes long: of two the database is asked at once, of three not. */
function large() {
  return told(undefined, 'x'.repeat(3_500_000))
}

test('what was written no longer counts as waiting, however small its items were', async () => {
  const stub = stubStore()
  const { ingest, dataDir } = await ingestOn(stub)
  const item = { provider: 'twilio', bytes: Buffer.from('{'), reason: 'no JSON', receivedAt: new Date(0) }
  const small = { quarantined: [{ ...item, requestId: undefined }] }
  // Together more than the limit, at once never near it.
  for (let round = 0; round < 50; round++)
    await Promise.all(Array.from({ length: 500 }, () => ingest.record(small)))
  expect(journals(dataDir)).toEqual([])
})
