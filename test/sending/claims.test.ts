import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { createClaims } from '#src/sending/claims.ts'
import { StoreError } from '#src/store/database.ts'
import type { Store } from '#src/store/store.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, at, newMessage, record, reserve, reserving, timeline } from '#support/facts.ts'
import { collectedLog } from '#support/log-lines.ts'
import { emptied } from '#support/stores.ts'

let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterAll(() => opened?.drop())

const nobody = { busy: [], avoided: [], standIns: [] }

/** Claims of a process that is sending these, whose first answer is lost on its way. */
function claimsOf(sending: string[] = []) {
  const { store } = opened
  const { log, lines } = collectedLog('warn')
  const claimDue: Store['claimDue'] = async (options) => store.claimDue({ ...options, now: at(100) })
  const losing = vi.fn(claimDue).mockImplementationOnce(async (options) => {
    await claimDue(options)
    throw new StoreError('57014', 'claim_due: took too long')
  })
  const giveBackUnbegun: Store['giveBackUnbegun'] = (owner, running) => store.giveBackUnbegun(owner, running)
  const claim = createClaims({
    store: { claimDue: losing, giveBackUnbegun },
    owner: 'worker',
    running: () => sending,
    log,
  })
  return { claim, lines }
}

it('what was begun by a claim whose answer was lost is due again, and its attempt was none', async () => {
  const scheduled = await reserve(opened.store, { sendAt: at(60) })
  const { claim, lines } = claimsOf()
  await expect(claim(nobody)).rejects.toThrow(StoreError)
  expect((await timeline(opened.store, scheduled)).message).toMatchObject({ status: 'sending', attempts: 1 })
  // Given back as of now: the clock of these claims is behind.
  await claim(nobody)
  const { message, attempts } = await timeline(opened.store, scheduled)
  expect(message).toMatchObject({ status: 'queued', attempts: 0 })
  expect(attempts).toEqual([])
  expect(lines()).toMatchObject([{ message: 'attempt_given_back', messageId: scheduled }])
  expect(await opened.store.claimDue({ ...claiming, now: new Date() })).toMatchObject([
    { id: scheduled, attempts: 1 },
  ])
})

const claiming = { owner: 'worker', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10 }

it('one that may be with its provider is unknown again, and one that this process is sending is left alone', async () => {
  const { store } = opened
  const [uncertain, sending] = [
    await reserve(store, { sendAt: at(60) }),
    await reserve(store, { sendAt: at(60) }),
  ]
  await store.claimDue({ ...claiming, now: at(61) })
  const unknown = { outcome: 'unknown' as const, nextAttemptAt: at(90) }
  await record(
    store,
    [],
    [uncertain, sending].map((id) => accepted(id, '', unknown)),
  )
  const { claim } = claimsOf([sending])
  await expect(claim(nobody)).rejects.toThrow(StoreError)
  await claim(nobody)
  expect(await timeline(store, uncertain)).toMatchObject({
    message: { status: 'unknown', attempts: 1 },
    attempts: [{ number: 1, outcome: 'unknown' }],
  })
  expect(await timeline(store, sending)).toMatchObject({
    message: { status: 'sending', attempts: 2 },
    attempts: [{ number: 1 }, { number: 2, outcome: null }],
  })
})

it('what a send has just reserved, and what another process has, are left alone', async () => {
  const { store } = opened
  await store.reserveMessage(newMessage(), { ...reserving, owner: 'worker' })
  await reserve(store, { sendAt: at(60) })
  await store.claimDue({ ...claiming, owner: 'another', now: at(61) })
  expect(await store.giveBackUnbegun('worker', [])).toEqual([])
})

it('nothing is given back while such a claim is still under way', async () => {
  await reserve(opened.store, { sendAt: at(60) })
  const other = new pg.Client({ connectionString: opened.url })
  await other.connect()
  onTestFinished(() => other.end())
  await other.query('begin')
  await other.query(`select claim_due('worker', 60, 60, 10, '[]', '[]', '[]', 60, $1)`, [at(61)])
  expect(await opened.store.giveBackUnbegun('worker', [])).toBeUndefined()
  await other.query('commit')
  expect(await opened.store.giveBackUnbegun('worker', [randomUUID()])).toHaveLength(1)
})

it('ten due mails of 24 MB are claimed at once, and each is read by itself', async () => {
  const { store } = opened
  const ids: string[] = []
  for (let count = 0; count < 10; count++)
    ids.push(await reserve(store, { channel: 'email', sendAt: at(60), fallback: undefined }))
  await opened.query(
    `update message_payloads set payload = payload || jsonb_build_object('html', repeat('0123456789abcdef', 1572864))`,
  )
  const due = await store.claimDue({ ...claiming, now: at(61) })
  expect(due.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
  const [first = ''] = ids
  expect(await store.outgoing(first)).toMatchObject({ id: first, html: expect.stringMatching(/^0123456789/) })
})
