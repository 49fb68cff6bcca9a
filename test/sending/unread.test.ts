import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { unread } from '#src/sending/unread.ts'
import { StoreError } from '#src/store/database.ts'
import { at } from '#support/facts.ts'
import { becomes, byTwilio, comes, logged, person, receivedBy, schedule, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

/** What is due and cannot be read: it stops nothing else, is tried again, and is given up like any other. */
let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 10 })
})
afterAll(() => world.stop())

test('what cannot be read is named and tried later, and what is due beside it goes out', async () => {
  const [broken, sound] = [person(byTwilio, 'ok'), person(byTwilio, 'ok')]
  const ids = [await schedule(world, byTwilio, broken), await schedule(world, byTwilio, sound)] as const
  await world.database.query(`update message_payloads set payload = '{}' where message_id = $1`, [ids[0]])
  await comes(world, ...ids)
  await becomes(world, ids[1], { providerMessageId: expect.anything() })
  await becomes(world, ids[0], { status: 'queued', errorCode: 'unreadable' })
  const { message, attempts } = await shown(world, ids[0])
  expect(message.errorMessage).toBe(
    'sending: what it is to send cannot be read by this version of the server (end the older servers)',
  )
  expect(attempts).toMatchObject([{ number: 1, outcome: 'retryable' }])
  expect(receivedBy(world, broken)).toEqual([])
  expect(logged(world, 'attempt_not_made')).toMatchObject([{ messageId: ids[0], provider: 'twilio' }])
})

const due = {
  id: 'm1',
  provider: 'greenapi',
  fallback: undefined,
  instead_of: 'twilio',
  attempts: 10,
  attempts_before: 2,
  uncertain: false,
  queued_for_seconds: 60,
  expires_in_seconds: null,
  expires_by_default: false,
  request_id: 'r1',
  begun_at: '2026-11-20T10:00:00+00:00',
  circumstances: {
    suppressed: undefined,
    suppressedCopies: [],
    heardForMs: undefined,
    stopped: undefined,
  },
}
const away = new StoreError('08006', 'away')

test('the last attempt leaves a dead letter that says why', () => {
  const { events, outcomes } = unread(due, away, at(60))
  const reason = 'sending: what it is to send could not be read from the database (see the log)'
  expect(events).toMatchObject([
    {
      event: { messageId: 'm1', type: 'failed', code: 'unreadable', reason, provider: 'twilio' },
      requestId: 'r1',
    },
  ])
  expect(outcomes).toMatchObject([
    { attempt: 10, outcome: 'exhausted', provider: 'twilio', nextAttemptAt: undefined },
  ])
})

test('before it, one that may be with its provider stays unknown, and any other is due again', () => {
  expect(unread({ ...due, attempts: 9 }, away, at(60))).toMatchObject({
    events: [],
    outcomes: [{ outcome: 'retryable', nextAttemptAt: expect.any(Date) }],
  })
  expect(unread({ ...due, attempts: 9, uncertain: true }, away, at(60))).toMatchObject({
    events: [],
    outcomes: [{ outcome: 'unknown' }],
  })
})

test('a server that does not send what is due is not ready, and says so', async () => {
  const ready = async () => {
    const answer = await fetch(`${world.url}/health/ready`)
    return { status: answer.status, text: await answer.text() }
  }
  const waiting = await schedule(world, byTwilio, person(byTwilio, 'ok'))
  expect((await ready()).status).toBe(200)
  const claims = vi
    .spyOn(world.server.store, 'claimDue')
    .mockRejectedValue(new StoreError('54000', 'claim_due: out of memory'))
  // Those before it are over.
  await vi.waitFor(() => expect(claims).toHaveBeenCalled())
  await world.database.query(
    `update messages set next_attempt_at = now() - interval '3 minutes' where id = $1`,
    [waiting],
  )
  expect(await ready()).toMatchObject({
    status: 503,
    text: expect.stringContaining('a message has been due for minutes and is not sent'),
  })
  claims.mockRestore()
  await becomes(world, waiting, { providerMessageId: expect.anything() })
  expect((await ready()).status).toBe(200)
})
