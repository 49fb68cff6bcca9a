import { expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { ClaimedJob } from '#src/store/calls/jobs.ts'
import { batchRows, eventRow } from '#src/store/rows.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, address, at, customer, event, newMessage, record, reserving } from '#support/facts.ts'

const later = () => new Date(Date.now() + 3_600_000)
const holding = { owner: 'worker', leaseSeconds: 60, limit: 10 }

export function jobSuite(current: () => TestStore): void {
  async function sent(fields: Parameters<typeof newMessage>[0] = {}): Promise<string> {
    const { store } = current()
    const wanted = newMessage({ traced: true, ...fields })
    await store.reserveMessage(wanted, reserving)
    await record(
      store,
      [],
      [accepted(wanted.message.id, `SM${wanted.message.id}`, { provider: wanted.provider })],
    )
    return wanted.message.id
  }
  /** All that is to be done, in order, each done at once: with the moment that it keeps. */
  async function done() {
    const { store } = current()
    const list: ({ kind: string; messageId: string } & Partial<ClaimedJob['payload']>)[] = []
    for (;;) {
      const [job] = await store.claimJobs({ ...holding, limit: 1, now: later() })
      if (!job) return list
      list.push({ kind: job.kind, messageId: job.message_id, ...job.payload })
      await store.finishJob(job.id, holding.owner)
    }
  }
  const told = (
    messageId: string,
    type: MessageEvent['type'],
    seconds: number,
    more: Partial<MessageEvent> = {},
  ) => event({ messageId, type, occurredAt: at(seconds), ...more })

  it('of a message that is traced, its acceptance and each fact is told once, in order', async () => {
    const { store } = current()
    const messageId = await sent()
    await record(store, [told(messageId, 'delivered', 10)])
    await record(store, [
      told(messageId, 'sent', 5),
      told(messageId, 'delivered', 12),
      told(messageId, 'read', 20),
    ])
    expect(await done()).toEqual([
      { kind: 'trace', messageId, fact: 'accepted', status: 'queued' },
      { kind: 'tell', messageId, fact: 'delivered', status: 'delivered' },
      { kind: 'tell', messageId, fact: 'read', status: 'read' },
    ])
    await record(store, [told(messageId, 'read', 30)])
    expect(await done()).toEqual([])
  })

  it.each([
    [false, []],
    [true, [{ kind: 'tell', fact: 'replayed', status: 'delivered' }]],
  ])('what replay reads otherwise is told with effects (%s) only', async (effects, expected) => {
    const { store } = current()
    const messageId = await sent()
    const misread = told(messageId, 'failed', 10)
    await record(store, [misread, told(messageId, 'sent', 5)])
    await done()
    const rows = (type: MessageEvent['type']) => [eventRow({ event: { ...misread, type }, requestId: 'r' })]
    await store.rewriteEvents(rows('delivered'), { dryRun: false, effects })
    expect(await done()).toEqual(expected.map((job) => ({ ...job, messageId })))
    await store.rewriteEvents(rows('delivered'), { dryRun: false, effects: true })
    expect(await done()).toEqual([])
  })

  it.each([
    [false, []],
    [true, ['inbound']],
  ])('what replay finds that a person wrote is work with effects (%s) only', async (effects, expected) => {
    const { store } = current()
    const inbound = { sender: customer, recipient: '+33700000000', text: 'OUI' }
    const found = event({ type: 'received', inbound })
    const misread = event({ type: 'received', inbound })
    await store.recordRows(batchRows({ events: [{ event: found, requestId: 'r' }] }), { effects })
    expect((await done()).map(({ kind }) => kind)).toEqual(expected)
    await record(store, [{ ...misread, type: 'unknown', inbound: undefined }])
    const rows = [eventRow({ event: misread, requestId: 'r' })]
    expect(await store.rewriteEvents(rows, { dryRun: false, effects })).toMatchObject({ messages: 1 })
    expect((await done()).map(({ kind }) => kind)).toEqual(expected)
  })

  it.each([
    ['with effects', true, 30, true],
    ['without effects', false, 30, false],
    ['where it is outranked by what was said later', true, 10, false],
  ])('a STOP that replay reads is marked at its person: %s', async (_how, effects, seconds, marked) => {
    const { store, query } = current()
    const messageId = await sent()
    const start = event({ type: 'subscribed', recipient: customer, consent: 'given', occurredAt: at(20) })
    const receipt = told(messageId, 'unknown', seconds, { recipient: customer })
    const inbound = { sender: customer, recipient: '+33700000000', text: 'ARRET' }
    const wrote = event({ type: 'received', occurredAt: at(seconds), inbound })
    for (const one of [start, receipt, wrote]) await record(store, [one])
    await done()
    const [own] = await query(`select id from messages where direction = 'inbound'`)
    const rows = (reason: string) =>
      [receipt, wrote].map((one) =>
        eventRow({ event: { ...one, consent: 'withdrawn', reason }, requestId: 'r' }),
      )
    await store.rewriteEvents(rows('said so'), { dryRun: false, effects })
    const marks = [
      { kind: 'mark', messageId },
      { kind: 'mark', messageId: own?.id },
    ]
    expect(await done()).toMatchObject(marked ? marks : [])
    const again = await store.rewriteEvents(rows('said it clearly'), { dryRun: false, effects: true })
    expect(again.changed).toHaveLength(2)
    expect(await done()).toEqual([])
  })

  it('of a message that is not traced nothing is told', async () => {
    const messageId = await sent({ traced: false })
    await record(current().store, [told(messageId, 'delivered', 10)])
    expect(await done()).toEqual([])
  })

  it('a message whose outcome nobody knew is traced when a receipt settles it', async () => {
    const { store } = current()
    const wanted = newMessage({ traced: true })
    await store.reserveMessage(wanted, reserving)
    await store.endExpiredAttempts(later())
    expect(await done()).toEqual([])
    await record(store, [told(wanted.message.id, 'sent', 10)])
    expect(await done()).toEqual([
      { kind: 'trace', messageId: wanted.message.id, fact: 'settled', status: 'sent' },
    ])
  })

  it('a hard bounce and a withdrawn consent are marked at the person', async () => {
    const { store } = current()
    const messageId = await sent({ channel: 'email' })
    await record(store, [
      told(messageId, 'bounced', 10, {
        provider: 'sendgrid',
        channel: 'email',
        recipient: address,
        bounceClass: 'hard',
        consent: 'withdrawn',
      }),
    ])
    const status = 'bounced'
    expect(await done()).toEqual([
      { kind: 'trace', messageId, fact: 'accepted', status: 'queued' },
      { kind: 'mark', messageId, fact: 'consent', status, consent: 'withdrawn', bounce_class: 'hard' },
      { kind: 'tell', messageId, fact: 'bounced', status },
    ])
  })

  it('what a person wrote is to be read once, however often it is told', async () => {
    const { store } = current()
    const inbound = event({
      type: 'received',
      inbound: { sender: customer, recipient: '+33700000000', text: 'OUI' },
    })
    await record(store, [inbound])
    await record(store, [inbound])
    expect(await done()).toEqual([
      { kind: 'inbound', messageId: expect.any(String), fact: 'written', status: 'received' },
    ])
  })

  it('of a lane only the oldest is given, until it is done or given up; other lanes do not wait for it', async () => {
    const { store } = current()
    const first = await sent()
    await record(store, [told(first, 'delivered', 10)])
    const other = await sent({ to: '+33600000002' })
    const claimed = await store.claimJobs({ ...holding, now: later() })
    expect(claimed.map(({ kind, message_id: messageId }) => [kind, messageId])).toEqual([
      ['trace', first],
      ['trace', other],
    ])
    const [trace] = claimed
    expect(await store.claimJobs({ ...holding, owner: 'another', now: later() })).toEqual([])
    await store.failJob(trace?.id ?? 0, holding.owner, {
      code: 'refused',
      message: 'no',
      retryInMs: undefined,
      counted: true,
    })
    expect(await store.claimJobs({ ...holding, now: later() })).toMatchObject([{ kind: 'tell' }])
    expect(await store.listDeadJobs({ tenantId: 'acme', limit: 10 })).toMatchObject([
      { id: trace?.id, kind: 'trace', error_code: 'refused' },
    ])
    expect(await store.listDeadJobs({ tenantId: 'other', limit: 10 })).toEqual([])
  })

  it('of a lane the next one is given too where the message of the first has gone', async () => {
    const { store, query } = current()
    const first = await sent()
    const second = await sent()
    await query('delete from messages where id = $1', [first])
    expect(await done()).toMatchObject([{ messageId: second }])
    const third = await sent()
    expect(await done()).toMatchObject([{ messageId: third }])
    expect(await store.claimJobs({ ...holding, now: later() })).toEqual([])
  })

  it('what the version before wrote down is given as it stands', async () => {
    const { store, query } = current()
    const wanted = newMessage({ traced: true })
    const messageId = wanted.message.id
    await store.reserveMessage(wanted, reserving)
    const payloads = [{}, { fact: 'read', status: 'read' }, { consent: 'withdrawn', bounce_class: null }]
    for (const [index, kind] of ['trace', 'tell', 'mark'].entries())
      await query(
        `insert into jobs (kind, lane, message_id, payload, due_at, created_at)
        values ($1, 'person:' || $2, $3, $4, now(), now())`,
        [kind, customer, messageId, JSON.stringify(payloads[index])],
      )
    expect(await done()).toEqual([
      { kind: 'trace', messageId },
      { kind: 'tell', messageId, fact: 'read', status: 'read' },
      { kind: 'mark', messageId, consent: 'withdrawn', bounce_class: null },
    ])
  })

  it('a job that failed is due again at its time; what another process holds is not ended', async () => {
    const { store } = current()
    await sent()
    const [job] = await store.claimJobs({ ...holding, now: later() })
    const retryInMs = 7_200_000
    await store.finishJob(job?.id ?? 0, 'another')
    const failed = { code: 'away', message: 'no answer', retryInMs, counted: false }
    await store.failJob(job?.id ?? 0, holding.owner, failed)
    expect(await store.claimJobs({ ...holding, now: later() })).toEqual([])
    expect(
      await store.claimJobs({ ...holding, now: new Date(Date.now() + retryInMs + 10_000) }),
    ).toMatchObject([{ id: job?.id, tries: 1 }])
  })

  it('a dead letter that is revived goes to the end of its lane, with what its message says now', async () => {
    const { store } = current()
    const messageId = await sent()
    await record(store, [told(messageId, 'delivered', 10)])
    const [trace] = await store.claimJobs({ ...holding, now: later() })
    await store.finishJob(trace?.id ?? 0, holding.owner)
    const [tell] = await store.claimJobs({ ...holding, now: later() })
    const refused = { code: 'refused', message: 'no', retryInMs: undefined, counted: true }
    await store.failJob(tell?.id ?? 0, holding.owner, refused)
    await record(store, [told(messageId, 'read', 20)])
    expect(await store.reviveDeadJob(tell?.id ?? 0, 'other')).toBe('missing')
    expect(await store.reviveDeadJob(tell?.id ?? 0, 'acme')).toBe('revived')
    expect(await store.reviveDeadJob(tell?.id ?? 0, 'acme')).toBe('missing')
    expect(await done()).toEqual([
      { kind: 'tell', messageId, fact: 'read', status: 'read' },
      { kind: 'tell', messageId, fact: 'delivered', status: 'read' },
    ])
  })

  it('what a person wrote may mean the message about an appointment that went to them within three days', async () => {
    const { store } = current()
    await sent()
    const asked = newMessage({ parentType: 'Visit', parentId: 'visit-1' })
    await store.reserveMessage(asked, reserving)
    await record(store, [], [accepted(asked.message.id, 'SM7')])
    const wrote = async (seconds: number, repliedTo?: string) => {
      const told = event({
        type: 'received',
        occurredAt: at(seconds),
        inbound: { sender: customer, recipient: '+33700000000', text: 'OUI', repliedTo },
      })
      await record(store, [told])
      const [latest] = await current().query(`select message_id from message_events where event_id = $1`, [
        told.eventId,
      ])
      return store.meantAppointment(String(latest?.message_id), ['Visit', 'Operation'])
    }
    expect(await wrote(60)).toMatchObject({ occurred_at: at(60), appointment: { id: asked.message.id } })
    expect(await wrote(73 * 3_600)).toMatchObject({ appointment: null })
    const other = newMessage({ parentType: 'Invoice', parentId: 'invoice-1' })
    await store.reserveMessage(other, { ...reserving, now: at(20) })
    expect(await wrote(60.5)).toMatchObject({ appointment: { id: asked.message.id } })
    const second = newMessage({ parentType: 'Operation', parentId: 'operation-1' })
    await store.reserveMessage(second, { ...reserving, now: at(30) })
    expect(await wrote(61)).toMatchObject({ appointment: { id: second.message.id } })
    const visit = { parent_type: 'Visit', parent_id: 'visit-1' }
    const operation = { parent_type: 'Operation', parent_id: 'operation-1' }
    expect((await wrote(61.5))?.others).toMatchObject([visit])
    expect(await wrote(62, 'SM7')).toMatchObject({ appointment: { id: asked.message.id }, others: [] })
    const time = at(90_000)
    await store.setAppointmentTime(second.message.id, time)
    await store.setAppointmentTime(second.message.id, at(0))
    expect(await wrote(62.2)).toMatchObject({ appointment: { ...operation, appointment_at: time } })
    // It answers the tenant whose answer it is.
    const foreign = newMessage({ tenantId: 'other', parentType: 'Operation', parentId: 'operation-2' })
    await store.reserveMessage(foreign, { ...reserving, now: at(62.5) })
    expect(await wrote(63)).toMatchObject({ appointment: { id: second.message.id } })
  })

  it('what a receipt that lay parked says of its person is marked when its message is found', async () => {
    const { store } = current()
    const early = (id: string) =>
      event({
        provider: 'sendgrid',
        channel: 'email',
        type: 'unsubscribed',
        consent: 'withdrawn',
        providerMessageId: id,
        recipient: address,
      })
    const wanted = newMessage({ channel: 'email', traced: true })
    const messageId = wanted.message.id
    await store.reserveMessage(wanted, reserving)
    await record(store, [early('SG1')])
    await record(store, [], [accepted(messageId, 'SG1', { provider: 'sendgrid' })])
    const mark = { kind: 'mark', messageId, fact: 'consent', consent: 'withdrawn', bounce_class: null }
    const marks = (await done()).filter(({ kind }) => kind === 'mark')
    expect(marks).toMatchObject([mark])

    const told = early('SG2')
    await record(store, [told])
    await record(store, [{ ...told, messageId }])
    expect(await done()).toMatchObject([mark])
  })
}
