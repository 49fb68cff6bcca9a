import { expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { EscalationStep } from '#src/model/send-request.ts'
import { eventRow } from '#src/store/rows.ts'
import type { TestStore } from '#support/database.ts'
import {
  accepted,
  at,
  customer,
  event,
  messageOf,
  newMessage,
  record,
  reserving,
  revived,
  timeline,
} from '#support/facts.ts'

const other = '+33600000002'

export function stoppedEscalationSuite(current: () => TestStore): void {
  const step: EscalationStep = {
    channel: 'sms',
    afterSeconds: 900,
    unless: 'delivered',
    request: { message: { channel: 'sms', tenantId: 'acme', to: other, body: 'Hi' }, language: 'fr' },
  }

  async function begun(fields: Parameters<typeof newMessage>[0] = {}): Promise<string> {
    const wanted = newMessage({ escalation: { steps: [step] }, ...fields })
    await current().store.reserveMessage(wanted, reserving)
    return wanted.message.id
  }
  const waits = (messageId: string, attempt = 1) =>
    record(
      current().store,
      [],
      [{ messageId, attempt, outcome: 'retryable', provider: 'twilio', nextAttemptAt: at(30) }],
    )
  const writes = (sender: string, seconds: number, more: Partial<MessageEvent> = {}) =>
    record(current().store, [
      event({
        type: 'received',
        inbound: { sender, recipient: '+33700000000', text: 'Non' },
        occurredAt: at(seconds),
        receivedAt: at(Math.max(seconds, 1)),
        ...more,
      }),
    ])
  const stopped = async (id: string) => (await timeline(current().store, id)).escalation?.stopped
  const state = async (id: string) => (await timeline(current().store, id)).escalation?.steps[0]?.state
  const claim = () =>
    current().store.claimDue({ owner: 'w', leaseSeconds: 60, repeatSeconds: 60, limit: 10, now: at(60) })

  it.each([
    ['from the address of the first message', customer],
    ['from the address of a step', other],
  ])('an answer %s ends it', async (_what, sender) => {
    const id = await begun()
    await record(current().store, [], [accepted(id, 'SM1')])
    await writes(sender, 20)
    expect([await stopped(id), await state(id)]).toEqual(['answered', 'cancelled'])
  })

  it('what was written before the first message began to go out is not an answer, in whatever second', async () => {
    const wanted = newMessage({ escalation: { steps: [step] } })
    await current().store.reserveMessage(wanted, { ...reserving, now: at(0.5) })
    const { id } = wanted.message
    await writes(customer, -1)
    expect(await stopped(id)).toBeNull()
    await writes(customer, 0)
    expect(await stopped(id)).toBe('answered')
  })

  it('before a scheduled one went out nothing is an answer, and STOP is', async () => {
    const id = await begun({ sendAt: at(3_600) })
    await writes(customer, 20)
    expect(await stopped(id)).toBeNull()
    await writes(customer, 21, { consent: 'withdrawn' })
    expect(await stopped(id)).toBe('opted_out')
    expect((await messageOf(current().store, id)).status).toBe('cancelled')
  })

  it('STOP from before it was asked for ends nothing', async () => {
    const id = await begun()
    await writes(customer, -2, { consent: 'withdrawn' })
    expect(await stopped(id)).toBeNull()
  })

  it.each(['unsubscribed', 'complained'] as const)(
    'that they %s of another message ends it',
    async (type) => {
      const before = newMessage()
      await current().store.reserveMessage(before, reserving)
      const id = await begun()
      await record(current().store, [
        event({ messageId: before.message.id, type, consent: 'withdrawn', occurredAt: at(20) }),
      ])
      expect(await stopped(id)).toBe(type)
    },
  )

  it('that an address is dead does not', async () => {
    const id = await begun()
    await record(current().store, [
      event({
        messageId: id,
        type: 'bounced',
        consent: 'withdrawn',
        bounceClass: 'hard',
        occurredAt: at(20),
      }),
    ])
    expect([await stopped(id), await state(id)]).toEqual([null, 'waiting'])
  })

  it('a receipt that comes after it makes no step due', async () => {
    const id = await begun()
    await writes(customer, 20)
    await record(current().store, [event({ messageId: id, type: 'failed' })], [accepted(id, 'SM1')])
    expect(await state(id)).toBe('cancelled')
    expect(await current().store.dueSteps({ limit: 10 })).toEqual([])
  })

  it('an attempt that is under way meanwhile is the last one', async () => {
    const id = await begun()
    await writes(customer, 20)
    expect((await messageOf(current().store, id)).status).toBe('sending')
    await waits(id)
    expect((await messageOf(current().store, id)).status).toBe('cancelled')
    expect(await claim()).toEqual([])
  })

  it('a step that another process has claimed is not reserved any more', async () => {
    const id = await begun()
    await record(current().store, [event({ messageId: id, type: 'failed' })], [accepted(id, 'SM1')])
    const now = new Date(Date.now() + 1_000)
    expect(await current().store.claimEscalations([id], { leaseSeconds: 60, now })).toHaveLength(1)
    await writes(other, 20)
    const late = newMessage({ channel: 'sms', escalation: { id, step: 1 } })
    expect((await current().store.reserveMessage(late, reserving)).outcome).toBe('cancelled')
  })

  it('a claim of which nobody heard leaves nothing that is due', async () => {
    const id = await begun()
    await waits(id)
    expect(await claim()).toHaveLength(1)
    await writes(customer, 40)
    expect(await current().store.giveBack(await current().store.openClaims('w'))).toHaveLength(1)
    expect((await messageOf(current().store, id)).status).toBe('cancelled')
  })

  it('what a person said under a name that is known by now ends it before a step is claimed', async () => {
    const id = await begun()
    await record(current().store, [event({ messageId: id, type: 'failed' })], [accepted(id, 'SM1')])
    await writes('somebody@lid', 20)
    await current().query(`update messages set sender = $1 where sender = 'somebody@lid'`, [customer])
    const now = new Date(Date.now() + 1_000)
    expect(await current().store.claimEscalations([id], { leaseSeconds: 60, now })).toEqual([])
    expect(await stopped(id)).toBe('answered')
  })

  it('a dead letter that somebody revived is sent all the same, until it is cancelled', async () => {
    const id = await begun()
    await record(
      current().store,
      [event({ messageId: id, type: 'failed', source: 'send', code: 'attempts_exhausted' })],
      [{ messageId: id, attempt: 1, outcome: 'exhausted', provider: 'twilio' }],
    )
    await writes(customer, 20)
    expect(await stopped(id)).toBe('answered')
    await current().store.reviveDeadLetter(id, 'acme', { events: [revived(id)] }, at(30))
    await writes(customer, 31)
    expect((await messageOf(current().store, id)).status).toBe('queued')
    expect((await current().store.cancelMessage(id, 'acme')).outcome).toBe('cancelled')
    expect((await messageOf(current().store, id)).status).toBe('cancelled')
  })

  it('what replay reads of a person ends it, without effects too', async () => {
    const before = newMessage()
    await current().store.reserveMessage(before, reserving)
    const id = await begun()
    const misread = event({ messageId: before.message.id, type: 'unknown', occurredAt: at(20) })
    await record(current().store, [misread])
    const read = { ...misread, type: 'unsubscribed' as const, consent: 'withdrawn' as const }
    const rows = [eventRow({ event: read, requestId: undefined })]
    await current().store.rewriteEvents(rows, { dryRun: false })
    expect(await stopped(id)).toBe('unsubscribed')
  })

  it('an appointment that is called off ends what is about it, and was asked for before', async () => {
    const about = (parentType: string, parentId: string) => begun({ parentType, parentId })
    const [one, another, otherwise] = [await about('A', '1'), await about('A', '2'), await about('B', '1')]
    const calledOff = { types: ['A'], id: '1' }
    const stop = (seconds: number) =>
      current().store.stopEscalationsAbout({ ...calledOff, at: at(seconds) }, 'appointment_cancelled')
    expect(await stop(0)).toEqual([])
    expect(await stop(1)).toEqual([one])
    expect(await stop(1)).toEqual([])
    expect(await Promise.all([one, another, otherwise].map(stopped))).toEqual([
      'appointment_cancelled',
      null,
      null,
    ])
  })
}
