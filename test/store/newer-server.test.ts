import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJobs } from '#src/crm/jobs.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, at, newMessage, record, reserving } from '#support/facts.ts'
import { collectedLog } from '#support/log-lines.ts'

/** A server of the next version is on the same database: it has channels, states and columns that this one never heard of. */
let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
  await opened.query('alter table messages drop constraint messages_channel_check')
  await opened.query('alter table messages drop constraint messages_phase_check')
  await opened.query('alter table messages add column colour text')
})
afterAll(() => opened.drop())

const claim = { owner: 'worker', leaseSeconds: 60, limit: 10 }

/** Two messages that the same is done with: one of the next version, and one of ours. */
async function both(fields: Parameters<typeof newMessage>[0] = {}): Promise<{ newer: string; ours: string }> {
  const wanted = [newMessage(fields), newMessage(fields)] as const
  for (const message of wanted) await opened.store.reserveMessage(message, reserving)
  const [newer, ours] = wanted.map(({ message }) => message.id)
  if (newer === undefined || ours === undefined) throw new Error('test: two were reserved')
  await opened.query(`update messages set channel = 'rcs', colour = 'blue' where id = $1`, [newer])
  await opened.query(
    `update message_payloads set payload = payload || '{"channel": "rcs"}' where message_id = $1`,
    [newer],
  )
  return { newer, ours }
}

test('a channel, a status and a column that only a newer server knows are shown as they are', async () => {
  const { newer, ours } = await both()
  await opened.query(`update messages set phase = 'paused' where id = $1`, [newer])
  const paused = { id: newer, channel: 'rcs', status: 'paused', colour: 'blue' }
  expect((await opened.store.getMessage(newer, undefined, false))?.message).toMatchObject(paused)
  const listed = await opened.store.listMessages({ limit: 10 })
  expect(listed).toHaveLength(2)
  // The columns of a list are named by its function, which such a server brings along.
  expect(listed).toContainEqual(expect.objectContaining({ id: newer, channel: 'rcs', status: 'paused' }))
  expect(listed).toContainEqual(expect.objectContaining({ id: ours }))
})

test('a message of such a channel that is due keeps no other from being sent', async () => {
  const { newer, ours } = await both({ sendAt: at(60) })
  const due = await opened.store.claimDue({ ...claim, repeatSeconds: 60, now: at(61) })
  expect(due.map(({ id }) => id).toSorted()).toEqual([newer, ours].toSorted())
})

test('a message of such a channel keeps no other from being asked about', async () => {
  const { newer, ours } = await both()
  const ended = [newer, ours].map((id) => accepted(id, `SM${id}`, { checkAt: at(60) }))
  await record(opened.store, [], ended)
  const asked = await opened.store.claimChecks({
    limit: 10,
    firstPauseSeconds: 60,
    longestPauseSeconds: 60,
    untilSeconds: 3_600,
    now: at(61),
  })
  const channels = new Map(asked.map(({ id, channel }) => [id, channel]))
  expect(channels).toEqual(
    new Map([
      [newer, undefined],
      [ours, 'whatsapp'],
    ]),
  )
})

test('work for a message of such a channel is left to the newer server, and keeps no other from being done', async () => {
  const { newer, ours } = await both({ traced: true })
  const ended = [newer, ours].map((id) => accepted(id, `SM${id}`))
  await record(opened.store, [], ended)
  // A lane each, and so behind nobody.
  await opened.query('update jobs set lane = message_id::text, behind = false')
  const done: string[] = []
  const { log, lines } = collectedLog('warn')
  const jobs = createJobs({
    store: opened.store,
    work: new Map([['trace', async ({ message }) => void done.push(message.id)]]),
    owner: 'worker',
    metrics: createMetrics(),
    log,
    now: () => new Date(),
    clock: () => performance.now(),
  })
  await jobs.round()
  expect(done).toEqual([ours])
  expect(lines()).toMatchObject([{ message: 'job_failed', messageId: newer, kind: 'trace' }])
  expect(
    await opened.query('select message_id, error_code from jobs where dead_at is null and due_at > now()'),
  ).toEqual([{ message_id: newer, error_code: 'unknown_kind' }])
})
