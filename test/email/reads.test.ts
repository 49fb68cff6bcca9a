import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createReads } from '#src/email/reads.ts'
import { createLog } from '#src/runtime/log.ts'
import type { Batch } from '#src/store/kept.ts'

const at = new Date('2026-11-22T10:00:00.400Z')

/** Reads that go to `record`, and what is logged of them. */
function noting(record: (batch: Partial<Batch>) => Promise<number>) {
  const lines: string[] = []
  const stream = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) })
  const log = createLog({ level: 'debug', runId: 'test', stream })
  const reads = createReads({ ingest: { record }, log, now: () => at, clock: () => 0 })
  const note = (agent = 'Mozilla/5.0 (X11)') => reads.note({ messageId: randomUUID(), agent, requestId: 'r' })
  return { reads, note, lost: () => lines.filter((line) => line.includes('"reads_lost"')) }
}

test('what neither the database nor the disk takes is said once, until something is kept again', async () => {
  let full = true
  const { reads, note, lost } = noting(async () => {
    if (full) throw new Error('the disk is full')
    return 0
  })
  for (let n = 0; n < 50; n++) note()
  await reads.ended()
  expect(lost()).toHaveLength(1)
  full = false
  note()
  await reads.ended()
  full = true
  note()
  await reads.ended()
  expect(lost()).toHaveLength(2)
})

test('ten thousand may wait, and no more are held in memory', async () => {
  const waiting: (() => void)[] = []
  const { reads, note, lost } = noting(() => new Promise((resolve) => waiting.push(() => resolve(0))))
  for (let n = 0; n < 10_100; n++) note()
  expect(waiting).toHaveLength(10_000)
  expect(lost()).toHaveLength(1)
  for (const go of waiting) go()
  await reads.ended()
  note()
  expect(waiting).toHaveLength(10_001)
})

test('a picture that a program loads twice in one second is one event, and no event says from where', async () => {
  const told: Partial<Batch>[] = []
  const { reads } = noting(async (batch) => told.push(batch))
  const messageId = randomUUID()
  for (const agent of ['a', 'a', 'b']) reads.note({ messageId, agent, requestId: 'r' })
  reads.note({ messageId, agent: 'a', url: 'https://shop.example/', requestId: 'r' })
  await reads.ended()
  const events = told.flatMap(({ events = [] }) => events.map(({ event }) => event))
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(3)
  expect(events[0]?.raw).toEqual({ kind: 'open', url: undefined, agent: 'a' })
})
