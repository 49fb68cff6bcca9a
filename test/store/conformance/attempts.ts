import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { accepted, at, event, messageOf, record, reserve, timeline } from '#support/facts.ts'

const claiming = { owner: 'worker', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10 }
const retryable = { outcome: 'retryable', providerMessageId: undefined, errorCode: '429' } as const
// Leases are measured by the database's own clock, whatever `now` says.
const afterTheLease = () => new Date(Date.now() + 3_600_000)

export function attemptSuite(current: () => TestStore): void {
  it("an accepted attempt leaves its message with the provider's id, the sender and the warnings", async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [], [accepted(messageId, 'SM1', { sender: '+33711111111', warnings: ['w1'] })])
    const { message, attempts } = await timeline(store, messageId)
    expect(message).toMatchObject({
      status: 'queued',
      provider_message_id: 'SM1',
      sender: '+33711111111',
      warnings: ['w1'],
    })
    expect(attempts).toEqual([expect.objectContaining({ outcome: 'accepted', provider_message_id: 'SM1' })])
  })

  it('an attempt ends once: a second outcome changes nothing', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [], [accepted(messageId, 'SM1')])
    await record(store, [], [accepted(messageId, 'SM2', { ...retryable, nextAttemptAt: at(60) })])
    expect(await messageOf(store, messageId)).toMatchObject({
      provider_message_id: 'SM1',
      next_attempt_at: null,
    })
  })

  it('a late outcome settles an unknown one', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    expect(await store.endExpiredAttempts(afterTheLease())).toEqual([{ id: messageId, provider: 'twilio' }])
    expect(await messageOf(store, messageId)).toMatchObject({
      status: 'unknown',
      error_code: 'attempt_not_ended',
    })
    await record(store, [], [accepted(messageId, 'SM1')])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'queued', error_code: null })
  })

  it('an attempt within its lease does not expire, an ended one neither', async () => {
    const { store } = current()
    await reserve(store)
    const ended = await reserve(store)
    await record(store, [], [accepted(ended, 'SM1')])
    expect(await store.endExpiredAttempts(new Date())).toEqual([])
    expect(await store.endExpiredAttempts(afterTheLease())).toHaveLength(1)
  })

  it('an expired attempt whose receipt came is not unknown', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [event({ messageId })])
    await store.endExpiredAttempts(afterTheLease())
    expect(await messageOf(store, messageId)).toMatchObject({
      status: 'delivered',
      phase: 'queued',
      error_code: null,
    })
  })

  it('a retry is due at its time, once, with its payload and the next attempt begun', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [], [accepted(messageId, '', { ...retryable, nextAttemptAt: at(60) })])
    expect(await store.claimDue({ ...claiming, now: at(59) })).toEqual([])
    const [claimed] = await store.claimDue({ ...claiming, now: at(60) })
    expect(claimed).toMatchObject({
      id: messageId,
      attempts: 2,
    })
    expect(await store.outgoing(messageId)).toMatchObject({ id: messageId })
    expect(await messageOf(store, messageId)).toMatchObject({ phase: 'sending' })
    expect(await store.claimDue({ ...claiming, now: at(60) })).toEqual([])
    expect((await timeline(store, messageId)).attempts).toMatchObject([
      { number: 1, outcome: 'retryable', error_code: '429' },
      { number: 2, outcome: null, owner: 'worker' },
    ])
  })

  it('two claimers at once never get the same message', async () => {
    const { store } = current()
    const ids = await Promise.all(Array.from({ length: 12 }, () => reserve(store, { sendAt: at(60) })))
    const claims = await Promise.all(
      Array.from({ length: 4 }, (_, worker) =>
        store.claimDue({ ...claiming, owner: `worker-${worker}`, limit: 5, now: at(60) }),
      ),
    )
    const rest = await store.claimDue({ ...claiming, limit: 20, now: at(60) })
    const claimed = [...claims.flat(), ...rest].map((message) => message.id)
    expect(claimed.sort()).toEqual(ids.sort())
  })

  it('the late outcome of an earlier attempt leaves the running one alone', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const unknown = accepted(messageId, '', { outcome: 'unknown', providerMessageId: undefined })
    await record(store, [], [unknown])
    // A person has said "retry" (POST /resolve): attempt 2 runs.
    await current().query(
      `update messages set phase = 'queued', next_attempt_at = created_at where id = $1`,
      [messageId],
    )
    await store.claimDue({ ...claiming, now: at(60) })
    await record(store, [], [accepted(messageId, '', { ...retryable, nextAttemptAt: at(120) })])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'sending', next_attempt_at: null })
  })

  it('what a person said to send again is not, where its first attempt is told to be accepted after all', async () => {
    const { store } = current()
    const { id: messageId, queued } = await saidToBeSentAgain()
    await record(store, [queued], [accepted(messageId, 'SM1')])
    expect(await store.claimDue({ ...claiming, now: afterTheLease() })).toEqual([])
    const { message, attempts } = await timeline(store, messageId)
    expect(message).toMatchObject({ status: 'queued', provider_message_id: 'SM1', error_code: null })
    expect(attempts).toMatchObject([{ outcome: 'accepted', provider_message_id: 'SM1' }])
  })

  it('what a person said to send again is not, where a receipt of its first attempt comes', async () => {
    const { store } = current()
    const { id: messageId } = await saidToBeSentAgain()
    await record(store, [event({ messageId })])
    expect(await store.claimDue({ ...claiming, now: afterTheLease() })).toEqual([])
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'delivered' })
  })

  it('a receipt of an attempt that another followed is its message’s', async () => {
    const { store } = current()
    const { id: messageId, queued } = await saidToBeSentAgain()
    await store.claimDue({ ...claiming, now: afterTheLease() })
    await record(store, [queued], [accepted(messageId, 'SM1')])
    await record(store, [], [accepted(messageId, 'SM2', { attempt: 2 })])
    await record(store, [event({ providerMessageId: 'SM1' })])
    await record(store, [{ ...event({ providerMessageId: 'SM1', type: 'read' }), provider: 'greenapi' }])
    expect(await messageOf(store, messageId)).toMatchObject({
      status: 'delivered',
      provider_message_id: 'SM2',
    })
  })

  /** Its first attempt ended unknown; its second is due. */
  async function saidToBeSentAgain() {
    const { store } = current()
    const id = await reserve(store)
    await store.endExpiredAttempts(afterTheLease())
    const told = event({ messageId: id, type: 'queued', source: 'send' })
    const retry = accepted(id, '', { ...retryable, nextAttemptAt: at(60) })
    const { outcome } = await store.settleUnknown(id, undefined, {
      events: [{ event: told, requestId: undefined }],
      outcomes: [retry],
    })
    expect(outcome).toBe('settled')
    return { id, queued: event({ messageId: id, type: 'queued', source: 'send', providerMessageId: 'SM1' }) }
  }

  it('what a person said of an attempt stands against a late outcome, but for that it was accepted', async () => {
    const { store } = current()
    const id = await reserve(store)
    await store.endExpiredAttempts(afterTheLease())
    const said = event({ messageId: id, type: 'sent', source: 'person' })
    const attempt = { messageId: id, attempt: 1, provider: 'twilio' }
    await store.settleUnknown(id, undefined, {
      events: [{ event: said, requestId: undefined }],
      outcomes: [{ ...attempt, outcome: 'accepted', settledAs: 'sent' }],
    })
    await record(store, [], [{ ...attempt, outcome: 'retryable', nextAttemptAt: at(60) }])
    expect(await messageOf(store, id)).toMatchObject({ status: 'sent', next_attempt_at: null })
    expect(await store.claimDue({ ...claiming, now: at(600) })).toEqual([])
    await record(store, [], [{ ...attempt, outcome: 'accepted', providerMessageId: 'SM1' }])
    const { message, attempts } = await timeline(store, id)
    expect(message).toMatchObject({ status: 'sent', provider_message_id: 'SM1' })
    expect(attempts).toMatchObject([{ outcome: 'accepted', settled_as: 'sent' }])
  })

  it('what waits can be cancelled, and is never claimed then', async () => {
    const { store } = current()
    const messageId = await reserve(store, { sendAt: at(60) })
    expect(await store.cancelMessage(messageId, 'other')).toEqual({ outcome: 'missing' })
    expect(await store.cancelMessage(messageId, 'acme')).toMatchObject({
      outcome: 'cancelled',
      message: { status: 'cancelled' },
    })
    expect(await store.claimDue({ ...claiming, now: at(60) })).toEqual([])
    expect(await store.cancelMessage(messageId, 'acme')).toMatchObject({ outcome: 'too_late' })
  })

  it('what is being sent cannot be cancelled, what is not there is missing', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    expect(await store.cancelMessage(messageId, undefined)).toMatchObject({ outcome: 'too_late' })
    expect(await store.cancelMessage(randomUUID(), undefined)).toEqual({ outcome: 'missing' })
  })
}
