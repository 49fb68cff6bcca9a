import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createClaims } from '#src/sending/claims.ts'
import { StoreError } from '#src/store/database.ts'
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

/** Claims of a process whose answers are lost on their way, while `losing` says so. */
function claimsOf(losing: { answers: boolean }) {
  const { store } = opened
  const { log, lines } = collectedLog('warn')
  const claim = createClaims({
    store: {
      openClaims: (owner) => store.openClaims(owner),
      giveBack: (unheard) => store.giveBack(unheard),
      async claimDue(options) {
        const due = await store.claimDue(options)
        if (losing.answers) throw new StoreError('57014', 'claim_due: took too long')
        return due
      },
    },
    owner: 'worker',
    log,
  })
  return { claim, lines }
}

const claiming = { owner: 'worker', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10 }

it('what was begun by a claim whose answer was lost is due again as it was, and its attempt was none', async () => {
  const { store } = opened
  const scheduled = await reserve(store, { sendAt: at(60), fallback: 'greenapi' })
  const before = (await timeline(store, scheduled)).message
  const losing = { answers: true }
  const { claim, lines } = claimsOf(losing)
  const away = { busy: [], avoided: ['twilio'], standIns: ['greenapi'] }
  await expect(claim(away)).rejects.toThrow(StoreError)
  expect((await timeline(store, scheduled)).message).toMatchObject({
    status: 'sending',
    provider: 'greenapi',
  })
  losing.answers = false
  expect(await claim({ ...nobody, busy: ['twilio', 'greenapi'] })).toEqual([])
  const { message, attempts } = await timeline(store, scheduled)
  const times = { updated_at: '', next_attempt_at: '' }
  expect({ ...message, ...times }).toEqual({ ...before, ...times })
  expect(message).toMatchObject({ status: 'scheduled', attempts: 0, provider: 'twilio', warnings: [] })
  expect(attempts).toEqual([])
  expect(lines()).toMatchObject([{ message: 'attempt_given_back', messageId: scheduled }])
  expect(await claim(nobody)).toMatchObject([{ id: scheduled, attempts: 1, provider: 'twilio' }])
})

it('one that may be with its provider is unknown again', async () => {
  const { store } = opened
  const uncertain = await reserve(store, { sendAt: at(60) })
  await store.claimDue({ ...claiming, now: at(61) })
  const soon = new Date(Date.now() - 1_000)
  await record(store, [], [accepted(uncertain, '', { outcome: 'unknown', nextAttemptAt: soon })])
  await opened.query('update messages set queued_at = now()')
  const losing = { answers: true }
  const { claim } = claimsOf(losing)
  await expect(claim(nobody)).rejects.toThrow(StoreError)
  losing.answers = false
  await claim({ ...nobody, busy: ['twilio'] })
  expect(await timeline(store, uncertain)).toMatchObject({
    message: { status: 'unknown', attempts: 1 },
    attempts: [{ number: 1, outcome: 'unknown' }],
  })
})

it('what this process has heard of is left alone, whatever becomes of it, and so is what a send or another process has', async () => {
  const { store } = opened
  const heard = await reserve(store, { sendAt: at(60) })
  const losing = { answers: false }
  const { claim } = claimsOf(losing)
  expect(await claim(nobody)).toMatchObject([{ id: heard }])
  await store.reserveMessage(newMessage({ fallback: 'greenapi' }), { ...reserving, owner: 'worker' })
  await reserve(store, { sendAt: at(60) })
  await store.claimDue({ ...claiming, owner: 'another', now: at(61) })
  losing.answers = true
  await expect(claim(nobody)).rejects.toThrow(StoreError)
  const before = await opened.query('select message_id, number from message_attempts order by 1, 2')
  expect(before).toHaveLength(3)
  await expect(claim(nobody)).rejects.toThrow(StoreError)
  expect(await opened.query('select message_id, number from message_attempts order by 1, 2')).toEqual(before)
})

it('what comes into the database only later is given back as well', async () => {
  const { store } = opened
  const losing = { answers: true }
  const { claim } = claimsOf(losing)
  await expect(claim(nobody)).rejects.toThrow(StoreError)
  losing.answers = false
  await claim(nobody)
  const late = await reserve(store, { sendAt: at(60) })
  await store.claimDue({ ...claiming, now: at(61) })
  await claim({ ...nobody, busy: ['twilio'] })
  expect((await timeline(store, late)).message).toMatchObject({ status: 'scheduled', attempts: 0 })
})

it('an attempt that was begun anew since is another one', async () => {
  const { store } = opened
  const id = await reserve(store, { sendAt: at(60) })
  await store.claimDue({ ...claiming, now: at(61) })
  const [open] = await store.openClaims('worker')
  expect(open).toMatchObject({ message_id: id, number: 1 })
  const stale = open ? [open] : []
  expect(await store.giveBack(stale)).toMatchObject([{ id }])
  await store.claimDue({ ...claiming, now: new Date() })
  expect(await store.giveBack(stale)).toEqual([])
  expect((await timeline(store, id)).message).toMatchObject({ status: 'sending', attempts: 1 })
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
