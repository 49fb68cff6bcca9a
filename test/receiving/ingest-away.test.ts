import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSpool } from '#src/spool/spool.ts'
import { StoreError } from '#src/store/database.ts'
import { accepted, batchOf } from '#support/facts.ts'
import { journals, now } from '#support/spool.ts'
import { away, ingestOn, log, stubStore, told } from './ingest-stub.ts'

test('while the database is away events and the outcomes of our own sends go to the disk, and are drained when it is back', async () => {
  let there = false
  const stub = stubStore(async () => {
    if (!there) throw away
  })
  stub.schemaVersion.mockImplementation(async () => {
    if (!there) throw away
    return { version: 1, functions: '' }
  })
  const { ingest, dataDir } = await ingestOn(stub)
  await ingest.record(told('a'))
  await ingest.record(batchOf([], [accepted(randomUUID(), 'SM1')]))
  expect(ingest.word()).toBe('away')
  expect(ingest.state()).toMatchObject({ word: 'away', records: 2, oldestAt: now() })
  // Once it is known to be away it is not asked again by everyone who comes.
  expect(stub.recordRows).toHaveBeenCalledTimes(1)
  await expect(ingest.drain()).rejects.toBe(away)
  expect(journals(dataDir)).toHaveLength(1)
  there = true
  await ingest.drain()
  expect(ingest.word()).toBe('there')
  expect(stub.ids()).toEqual(['a'])
  expect(stub.commits.flatMap(({ outcomes }) => outcomes)).toMatchObject([{ provider_message_id: 'SM1' }])
  expect(ingest.state()).toEqual({ word: 'there', records: 0, bytes: 0, oldestAt: undefined })
})

test.each([
  ['takes two seconds for each commit', 2_000],
  ['is just fast enough for one commit, but not for the one before it too', 350],
])('a database that %s still lets everyone be answered within 500 ms', async (_what, ms) => {
  const stub = stubStore(() => new Promise((resolve) => setTimeout(resolve, ms)))
  const { ingest } = await ingestOn(stub)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const answered: string[] = []
  for (const id of ['a', 'b']) void ingest.record(told(id)).then(() => answered.push(id))
  await vi.advanceTimersByTimeAsync(499)
  vi.useRealTimers()
  // No timer from before will ring any more: only the disk is still waited for, which takes the time of this machine.
  await expect.poll(() => answered, { timeout: 10_000 }).toEqual(['a', 'b'])
})

test('neither the database nor the disk: refused with 503', async () => {
  const stub = stubStore(() => Promise.reject(away))
  const { ingest, spool } = await ingestOn(stub)
  vi.spyOn(spool, 'append').mockRejectedValue(new Error('ENOSPC'))
  await expect(ingest.record(told())).rejects.toMatchObject({ status: 503, code: 'store_unavailable' })
})

test('a spooled batch that the database refuses is quarantined and does not hold up the others', async () => {
  const stub = stubStore(async ({ events, outcomes }) => {
    if (outcomes.length > 0) throw new StoreError('23514', 'a constraint')
    if (events.some(({ event_id: id }) => id === 'bad')) throw new StoreError('22P05', 'bad value')
  })
  const { ingest, spool } = await ingestOn(stub)
  await spool.append(Buffer.from('{"version":7}'))
  await spool.append(Buffer.from('no JSON'))
  await spool.append(Buffer.from(JSON.stringify({ version: 1, events: [], outcomes: [{}], quarantined: [] })))
  const at = now().toISOString()
  const row = (id: string) => ({ event_id: id, provider: 'twilio', occurred_at: at, received_at: at })
  const mixed = { version: 1, events: [row('bad'), row('good')] }
  await spool.append(Buffer.from(JSON.stringify({ ...mixed, outcomes: [], quarantined: [] })))
  await ingest.drain()
  expect(ingest.word()).toBe('there')
  expect(stub.ids()).toEqual(['good'])
  const kept = stub.commits.flatMap(({ quarantined }) => quarantined)
  expect(kept.map(({ bytes }) => Buffer.from(String(bytes), 'base64').toString())).toEqual(
    expect.arrayContaining(['{"version":7}', 'no JSON', expect.stringContaining('"outcomes":[{}]')]),
  )
})

test('what lies in the spool is recorded with few commits, however many webhooks it was told by', async () => {
  const stub = stubStore()
  const { ingest, spool } = await ingestOn(stub)
  const at = now().toISOString()
  const row = { provider: 'twilio', occurred_at: at, received_at: at, raw: { text: 'x'.repeat(1_000) } }
  for (let number = 0; number < 1_500; number++) {
    const events = [{ ...row, event_id: String(number) }]
    void spool.append(Buffer.from(JSON.stringify({ version: 1, events, outcomes: [], quarantined: [] })))
  }
  await expect.poll(() => spool.pending().records, { timeout: 10_000 }).toBe(1_500)
  await ingest.drain()
  // As many a commit as are 1.5 MB.
  expect(stub.commits).toHaveLength(2)
  expect(new Set(stub.ids()).size).toBe(1_500)
})

test('whatever else stops a drain leaves everything in its place, until it is mended', async () => {
  let mended = false
  const stub = stubStore(async () => {
    if (!mended) throw new StoreError('42883', 'no such function')
  })
  const { ingest, dataDir } = await ingestOn(stub)
  await ingest.record(told('a'))
  await expect(ingest.drain()).rejects.toMatchObject({ sqlstate: '42883' })
  expect([journals(dataDir).length, ingest.word()]).toEqual([1, 'away'])
  mended = true
  await ingest.drain()
  expect([stub.ids(), ingest.word()]).toEqual([['a'], 'there'])
})

test('a database that takes a commit late is busy, until what lies on the disk is there', async () => {
  let slow = true
  const stub = stubStore(async () => {
    if (slow) await new Promise((resolve) => setTimeout(resolve, 1_000))
  })
  const { ingest } = await ingestOn(stub)
  await ingest.record(told('a'))
  expect(ingest.word()).toBe('busy')
  // What comes next does not wait for it.
  await ingest.record(told('b'))
  expect(stub.recordRows).toHaveBeenCalledTimes(1)
  slow = false
  await ingest.drain()
  expect([ingest.word(), ingest.lacksForMs()]).toEqual(['there', 0])
})

test('a database that is late and does not answer a drain either is away', async () => {
  const stub = stubStore(() => new Promise(() => {}))
  const { ingest } = await ingestOn(stub)
  await ingest.record(told('a'))
  expect(ingest.word()).toBe('busy')
  stub.schemaVersion.mockRejectedValue(away)
  await expect(ingest.drain()).rejects.toBe(away)
  expect(ingest.word()).toBe('away')
})

test('what the database lacks is as old as the oldest that waits, for its commit or on the disk, its own or another’s', async () => {
  const time = vi.spyOn(performance, 'now').mockReturnValue(0)
  onTestFinished(() => time.mockRestore())
  const commits = Promise.withResolvers<void>()
  const stub = stubStore(() => commits.promise)
  const { ingest, dataDir, spool } = await ingestOn(stub)
  const recorded = ingest.record(told('a'))
  time.mockReturnValue(300)
  expect(ingest.lacksForMs()).toBe(300)
  commits.resolve()
  await recorded
  expect(ingest.lacksForMs()).toBe(0)
  await spool.append(Buffer.from('ours'))
  time.mockReturnValue(5_300)
  expect(ingest.lacksForMs()).toBe(5_000)
  await spool.append(Buffer.from('ours, later'))
  expect(ingest.lacksForMs()).toBe(5_000)
  await ingest.drain()
  const other = await openSpool({ dataDir, log, now })
  await other.append(Buffer.from('theirs'))
  await ingest.drain()
  // By the clock of the disk, which is the test's: now() lies in the past.
  expect([ingest.word(), ingest.lacksForMs()]).toEqual(['busy', 0])
  await other.close()
})
