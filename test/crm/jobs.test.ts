import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createJobs, type Work } from '#src/crm/jobs.ts'
import { workWithoutCrm } from '#src/crm/work.ts'
import { ProviderError } from '#src/model/errors.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import type { Job } from '#src/store/calls/jobs.ts'
import { createStore } from '#src/store/store.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, event, newMessage, record, reserving } from '#support/facts.ts'
import { collectedLog } from '#support/log-lines.ts'
import { emptied } from '#support/stores.ts'

const hour = 3_600_000

const { log, lines } = collectedLog()
let opened: TestDatabase
let clock = 0
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(async () => {
  clock = 0
  await emptied(opened)
})
afterAll(() => opened.drop())

const now = () => new Date(Date.now() + clock)

/** A worker whose CRM does what the test says, and what it did. */
function worker(does: (job: Job) => void | Promise<void>, owner = 'worker') {
  const metrics = createMetrics()
  const done: string[] = []
  const work: Work = async (job) => {
    await does(job)
    done.push(`${job.kind} ${job.payload.fact ?? ''} ${job.message.id}`)
  }
  const jobs = createJobs({
    store: createStore(opened.database, now),
    work: new Map(['trace', 'tell', 'mark', 'inbound'].map((kind) => [kind, work])),
    owner,
    metrics,
    log,
    now,
    clock: () => now().getTime(),
  })
  const heldUpSince = async () => (await metrics.jobsHeldUpSince.get()).values[0]?.value
  return { done, round: jobs.round, heldUpSince }
}

/** A message that the CRM shows, delivered and read. */
async function told(fields: Parameters<typeof newMessage>[0] = {}): Promise<string> {
  const wanted = newMessage({ traced: true, ...fields })
  const messageId = wanted.message.id
  await opened.store.reserveMessage(wanted, reserving)
  await record(opened.store, [], [accepted(messageId, `SM${messageId}`)])
  await record(opened.store, [event({ messageId, type: 'delivered' })])
  await record(opened.store, [event({ messageId, type: 'read' })])
  return messageId
}

const everything = (id: string) => [`trace accepted ${id}`, `tell delivered ${id}`, `tell read ${id}`]

test('trial 17: the CRM away for an hour: all updates arrive, once, in order per record', async () => {
  const ids = [await told(), await told({ to: '+33600000002' }), await told()]
  let away = true
  let asked = 0
  const { done, round, heldUpSince } = worker(() => {
    if (!away) return
    asked += 1
    throw new ProviderError('espocrm', 'retryable', 'espocrm: cannot be reached', {
      providerCode: 'ECONNREFUSED',
    })
  })
  const start = Date.now() / 1_000
  for (; clock < hour; clock += 60_000) await round()
  expect(done).toEqual([])
  expect(Math.abs(Number(await heldUpSince()) - start)).toBeLessThan(60)
  // It is left alone for longer and longer.
  expect(asked).toBeLessThan(40)
  away = false
  clock += 6 * 60_000
  await round()
  expect(await heldUpSince()).toBe(0)
  expect(done.toSorted()).toEqual(ids.flatMap(everything).toSorted())
  for (const id of ids) expect(done.filter((line) => line.includes(id))).toEqual(everything(id))
  await round()
  expect(done).toHaveLength(9)
})

test('trial 2: two processes at once do each job once, in order', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => told({ to: `+3360000001${n}` })))
  const [one, other] = [worker(() => {}, 'one'), worker(() => {}, 'other')]
  await Promise.all([one.round(), other.round()])
  await Promise.all([one.round(), other.round()])
  const done = [...one.done, ...other.done]
  expect(done.toSorted()).toEqual(ids.flatMap(everything).toSorted())
})

test('what is refused for good is a dead letter at once, and those behind it go on', async () => {
  const id = await told()
  const { done, round } = worker(({ kind }) => {
    if (kind === 'trace')
      throw new ProviderError('espocrm', 'permanent', 'espocrm: not allowed', { providerCode: '403' })
  })
  await round()
  expect(done).toEqual(everything(id).slice(1))
  expect(await opened.store.listDeadJobs({ tenantId: undefined, limit: 10 })).toMatchObject([
    { kind: 'trace', message_id: id, error_code: '403', tries: 1 },
  ])
  expect(lines()).toMatchObject([{ message: 'job_given_up', kind: 'trace', messageId: id }])
})

test('what is refused for now, as by a role that lacks a right, holds up its own lane alone', async () => {
  const id = await told()
  const other = await told({ to: '+33600000002' })
  const { done, round } = worker(({ message }) => {
    if (message.id === id)
      throw new ProviderError('espocrm', 'retryable', 'espocrm: no right', {
        providerCode: '403',
        onlyThis: true,
      })
  })
  await round()
  await told({ to: '+33600000002' })
  await round()
  expect(done.slice(0, 3)).toEqual(everything(other))
  expect(done).toHaveLength(6)
})

test('what a body is too deep for is given up at once: each try would hold everybody up', async () => {
  await told()
  let tries = 0
  const { round } = worker(() => {
    tries += 1
    throw new RangeError('Maximum call stack size exceeded')
  })
  await round()
  const dead = await opened.store.listDeadJobs({ tenantId: undefined, limit: 10 })
  expect(dead.length).toBeGreaterThan(0)
  expect(tries).toBe(dead.length)
  expect(lines().map(({ message }) => message)).toEqual(dead.map(() => 'job_given_up'))
})

test.each([
  ['an outcome that nobody knows', () => new ProviderError('espocrm', 'unknown', 'espocrm: no answer')],
  ['a mistake of ours', () => new TypeError('oops')],
])('after %s it is tried again, for a day and a half, and nothing behind it before', async (_name, error) => {
  const id = await told()
  let tries = 0
  const { done, round } = worker(() => {
    tries += 1
    throw error()
  })
  for (; clock < 24 * hour; clock += 20 * 60_000) await round()
  expect(await opened.store.listDeadJobs({ tenantId: undefined, limit: 10 })).toEqual([])
  expect(tries).toBeGreaterThan(20)
  expect(done).toEqual([])
  for (; clock < 60 * hour; clock += 20 * 60_000) await round()
  const dead = await opened.store.listDeadJobs({ tenantId: undefined, limit: 10 })
  expect(dead).toMatchObject([{ kind: 'trace', message_id: id }])
  expect(lines()[0]).toMatchObject({ message: 'job_given_up', kind: 'trace', messageId: id })
})

test('a process that died holds its job until its lease is over, and no longer', async () => {
  const id = await told()
  await opened.store.claimJobs({ owner: 'gone', leaseSeconds: 60, limit: 1, now: now() })
  const { done, round } = worker(() => {})
  await round()
  expect(done).toEqual([])
  await opened.query(`update jobs set lease_until = now() - interval '1 second' where owner = 'gone'`)
  await round()
  expect(done).toEqual(everything(id))
})

test('where there is no CRM, what people wrote is done with at once', async () => {
  await record(opened.store, [
    event({ type: 'received', inbound: { sender: '+33600000009', recipient: '+33700000000', text: 'OUI' } }),
  ])
  await jobsOf(workWithoutCrm({ log, metrics: createMetrics() }))
  expect(await opened.query('select from jobs')).toEqual([])
})

test('a job of a kind that one process does not know waits for another', async () => {
  const id = await told()
  await jobsOf(workWithoutCrm({ log, metrics: createMetrics() }))
  const { done, round } = worker(() => {})
  await round()
  expect(done).toEqual([])
  clock += 60_000
  await round()
  expect(done).toEqual(everything(id))
})

/** One round of a process that knows these kinds. */
function jobsOf(work: ReadonlyMap<string, Work>): Promise<void> {
  return createJobs({
    store: createStore(opened.database, now),
    work,
    owner: 'other',
    metrics: createMetrics(),
    log,
    now,
    clock: () => now().getTime(),
  }).round()
}

test('work that the release before wrote down, with nothing for what it did not know, is done', async () => {
  const id = await told()
  await opened.query(
    `update jobs set payload = '{"fact": null, "status": null, "consent": null, "bounce_class": null}'`,
  )
  const { done, round } = worker(() => {})
  await round()
  expect(done).toEqual([`trace  ${id}`, `tell  ${id}`, `tell  ${id}`])
})
