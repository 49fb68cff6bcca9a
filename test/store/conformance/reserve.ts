import { expect, it } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { at, batchOf, event, messageOf, newMessage, reserving, start, timeline } from '#support/facts.ts'

const key = (requestHash = 'hash-1', name = 'key-1') => ({ key: name, requestHash })

export function reserveSuite(current: () => TestStore): void {
  it('a reserved message has its first attempt with owner and lease', async () => {
    const { store } = current()
    const wanted = newMessage({ warnings: ['w'], metadata: { order: 7 } })
    expect(await store.reserveMessage(wanted, reserving)).toMatchObject({ outcome: 'reserved' })
    const { message, attempts } = await timeline(store, wanted.message.id)
    expect(message).toMatchObject({ status: 'sending', attempts: 1, warnings: ['w'], metadata: { order: 7 } })
    expect(message).not.toHaveProperty('payload')
    expect(await store.outgoing(wanted.message.id)).toEqual(wanted.message)
    expect(attempts).toEqual([
      expect.objectContaining({ number: 1, owner: 'process-1', provider: 'twilio', ended_at: null }),
    ])
  })

  it('a message to be sent later is scheduled, without an attempt', async () => {
    const { store } = current()
    const wanted = newMessage({ sendAt: at(3_600) })
    expect(await store.reserveMessage(wanted, reserving)).toMatchObject({ outcome: 'scheduled' })
    expect(await timeline(store, wanted.message.id)).toMatchObject({
      message: { status: 'scheduled', attempts: 0, queued_at: null },
      attempts: [],
    })
  })

  it('a repeat with the same key gets the first message', async () => {
    const { store } = current()
    const first = newMessage()
    await store.reserveMessage(first, { ...reserving, idempotency: key() })
    const again = await store.reserveMessage(newMessage(), { ...reserving, idempotency: key() })
    expect(again).toMatchObject({ outcome: 'repeat', message: { id: first.message.id } })
    expect(await store.listMessages({ limit: 10 })).toHaveLength(1)
  })

  it('the same key with another request is a conflict', async () => {
    const { store } = current()
    await store.reserveMessage(newMessage(), { ...reserving, idempotency: key() })
    const other = await store.reserveMessage(newMessage(), { ...reserving, idempotency: key('hash-2') })
    expect(other.outcome).toBe('conflict')
  })

  it('the same key of another tenant is another key', async () => {
    const { store } = current()
    await store.reserveMessage(newMessage(), { ...reserving, idempotency: key() })
    const other = newMessage({ tenantId: 'other' })
    expect((await store.reserveMessage(other, { ...reserving, idempotency: key() })).outcome).toBe('reserved')
  })

  it('a key is free again after seven days', async () => {
    const { store } = current()
    const later = { ...reserving, idempotency: key(), now: at(7 * 86_400 + 1) }
    await store.reserveMessage(newMessage(), { ...reserving, idempotency: key() })
    const again = newMessage()
    expect((await store.reserveMessage(again, later)).outcome).toBe('reserved')
    expect((await store.reserveMessage(newMessage(), later)).message?.id).toBe(again.message.id)
  })

  it('a tenant over its hourly limit is limited, and its key is not kept', async () => {
    const { store } = current()
    const limits = { hour: 2, recipientDay: undefined }
    const options = { ...reserving, limits, idempotency: key() }
    await store.reserveMessage(newMessage(), { ...reserving, limits })
    await store.reserveMessage(newMessage(), { ...reserving, limits })
    expect((await store.reserveMessage(newMessage(), options)).outcome).toBe('limited')
    expect((await store.reserveMessage(newMessage({ tenantId: 'other' }), options)).outcome).toBe('reserved')
    const anHourLater = await store.reserveMessage(newMessage(), { ...options, now: at(3_601) })
    expect(anHourLater.outcome).toBe('reserved')
  })

  it('a recipient over the daily limit is limited, another is not', async () => {
    const { store } = current()
    const options = { ...reserving, limits: { hour: undefined, recipientDay: 1 } }
    await store.reserveMessage(newMessage(), options)
    expect((await store.reserveMessage(newMessage(), options)).outcome).toBe('limited')
    expect((await store.reserveMessage(newMessage({ to: '+33611111111' }), options)).outcome).toBe('reserved')
  })

  it('each copy of an email counts as a message to that person', async () => {
    const { store } = current()
    const [boss, archive] = ['boss@example.com', 'archive@example.com']
    const day = { ...reserving, limits: { hour: undefined, recipientDay: 2 } }
    const email = (fields: Parameters<typeof newMessage>[0] = {}) =>
      newMessage({ channel: 'email', ...fields })
    await store.reserveMessage(email({ cc: [boss, archive] }), day)
    await store.reserveMessage(email({ to: boss, bcc: ['Boss@example.com', archive] }), day)
    expect(await store.reserveMessage(email({ to: 'else@example.com', bcc: [archive, boss] }), day)).toEqual({
      outcome: 'limited',
      limited: { limit: 'recipientDay', addresses: [archive, boss] },
    })
    const hour = { ...reserving, limits: { hour: 7, recipientDay: undefined } }
    // Two messages and three copies so far.
    const three = email({ cc: ['a@example.com', 'b@example.com'] })
    expect(await store.reserveMessage(three, hour)).toEqual({
      outcome: 'limited',
      limited: { limit: 'hour' },
    })
    expect((await store.reserveMessage(email({ cc: ['a@example.com'] }), hour)).outcome).toBe('reserved')
    expect((await store.reserveMessage(email({ to: boss }), { ...day, now: at(86_401) })).outcome).toBe(
      'reserved',
    )
    expect((await store.reserveMessage(email({ cc: [boss], tenantId: 'other' }), day)).outcome).toBe(
      'reserved',
    )
  })

  it('a copy that is left out does not count', async () => {
    const { store } = current()
    const gone = 'gone@example.com'
    const said = { provider: 'sendgrid', channel: 'email', type: 'complained', consent: 'withdrawn' } as const
    await store.recordEvents(batchOf([event({ ...said, recipient: gone })]))
    const options = { ...reserving, limits: { hour: 3, recipientDay: 1 } }
    for (const to of ['a@example.com', 'b@example.com', 'c@example.com'])
      expect(
        (await store.reserveMessage(newMessage({ channel: 'email', to, cc: [gone] }), options)).outcome,
      ).toBe('reserved')
  })

  it('times are told in UTC', async () => {
    const { store } = current()
    const wanted = newMessage()
    await store.reserveMessage(wanted, reserving)
    const { created_at } = await messageOf(store, wanted.message.id)
    expect(created_at).toMatch(/\+00:00$/)
    expect(new Date(String(created_at))).toEqual(start)
  })

  it('a lost reservation leaves nothing, its key and its escalation included', async () => {
    const { store, query } = current()
    const lost = newMessage({ escalation: { steps: [] } })
    await store.reserveMessage(lost, { ...reserving, idempotency: key() })
    expect(await store.undoReservation(lost.message.id, 'acme', 'key-1')).toEqual({ undone: 1, alive: false })
    for (const table of ['messages', 'idempotency_keys', 'escalations'])
      expect([table, await query(`select * from ${table}`)]).toEqual([table, []])
    expect(await store.undoReservation(lost.message.id, 'acme', 'key-1')).toEqual({ undone: 0, alive: false })
  })

  it('two of one batch with the same key are one message, and the others of the batch are reserved', async () => {
    const { store } = current()
    const [first, second, third, other] = [newMessage(), newMessage(), newMessage(), newMessage()]
    const wanted = [
      { message: first, options: { ...reserving, idempotency: key() } },
      { message: other, options: reserving },
      { message: second, options: { ...reserving, idempotency: key() } },
      { message: third, options: { ...reserving, idempotency: key('hash-2') } },
    ]
    expect(await store.reserveMessages(wanted)).toMatchObject([
      { outcome: 'reserved' },
      { outcome: 'reserved' },
      { outcome: 'repeat', message: { id: first.message.id } },
      { outcome: 'conflict' },
    ])
  })

  it('the repeat of one that a limit refuses in the same batch is refused alike', async () => {
    const { store } = current()
    const limits = { hour: 1, recipientDay: undefined }
    const options = { ...reserving, limits }
    const wanted = [
      { message: newMessage(), options },
      { message: newMessage(), options: { ...options, idempotency: key() } },
      { message: newMessage(), options: { ...options, idempotency: key() } },
    ]
    const outcomes = (await store.reserveMessages(wanted)).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['reserved', 'limited', 'limited'])
  })

  it('a message whose repeat was told that it is queued stays, one whose repeat still waits is undone', async () => {
    const { store, query } = current()
    const lost = newMessage()
    await store.reserveMessage(lost, { ...reserving, idempotency: key() })
    await store.reserveMessage(newMessage(), { ...reserving, idempotency: key(), now: at(1) })
    await query(`update messages set updated_at = now() - interval '11 seconds'`)
    expect(await store.undoReservation(lost.message.id, 'acme', 'key-1')).toEqual({ undone: 0, alive: false })
    await query(`update messages set updated_at = now() - interval '5 seconds'`)
    expect(await store.undoReservation(lost.message.id, 'acme', 'key-1')).toEqual({ undone: 1, alive: false })
  })

  it('a scheduled message that somebody was told of by a repeat of its key stays', async () => {
    const { store } = current()
    const lost = newMessage({ sendAt: at(3_600) })
    await store.reserveMessage(lost, { ...reserving, idempotency: key() })
    await store.reserveMessage(newMessage(), { ...reserving, idempotency: key(), now: at(1) })
    expect(await store.undoReservation(lost.message.id, 'acme', 'key-1')).toEqual({ undone: 0, alive: false })
    expect(await messageOf(store, lost.message.id)).toMatchObject({ status: 'scheduled' })
    const again = await store.reserveMessage(newMessage(), { ...reserving, idempotency: key(), now: at(2) })
    expect(again).toMatchObject({ outcome: 'repeat', message: { id: lost.message.id } })
  })

  it('a scheduled message that a worker has begun to send stays', async () => {
    const { store } = current()
    const lost = newMessage({ sendAt: at(10) })
    await store.reserveMessage(lost, reserving)
    await store.claimDue({ owner: 'worker', leaseSeconds: 60, repeatSeconds: 60, limit: 1, now: at(20) })
    expect(await store.undoReservation(lost.message.id, 'acme', undefined)).toEqual({
      undone: 0,
      alive: false,
    })
    expect(await messageOf(store, lost.message.id)).toMatchObject({ status: 'sending', attempts: 1 })
  })
}
