import { expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { EscalationStep } from '#src/model/send-request.ts'
import { eventRow } from '#src/store/rows.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, at, customer, event, newMessage, record, reserving, timeline } from '#support/facts.ts'

const far = () => new Date(Date.now() + 30 * 86_400_000)
const holding = { leaseSeconds: 60 }

export function escalationSuite(current: () => TestStore): void {
  const step = (
    channel: 'sms' | 'email' | 'whatsapp',
    fields: Partial<EscalationStep> = {},
  ): EscalationStep => ({
    channel,
    afterSeconds: 900,
    unless: 'delivered',
    request: {
      message:
        channel === 'email'
          ? {
              channel,
              tenantId: 'acme',
              to: 'a@example.com',
              subject: 's',
              tracking: { opens: false, clicks: false },
            }
          : { channel, tenantId: 'acme', to: customer, body: 'Hi' },
      language: 'fr',
    },
    ...fields,
  })

  async function begun(
    steps: EscalationStep[],
    fields: Parameters<typeof newMessage>[0] = {},
  ): Promise<string> {
    const wanted = newMessage({ escalation: { steps }, ...fields })
    await current().store.reserveMessage(wanted, reserving)
    return wanted.message.id
  }
  const accept = (id: string) => record(current().store, [], [accepted(id, `SM${id}`)])
  const told = (messageId: string, type: MessageEvent['type'], more: Partial<MessageEvent> = {}) =>
    record(current().store, [event({ messageId, type, ...more })])
  const due = (now = far()) => current().store.dueSteps({ limit: 10, now })
  const states = async (id: string) => {
    const { escalation } = await timeline(current().store, id)
    return escalation?.steps.map(({ state, reason }) => [state, reason])
  }
  async function next(id: string, number: number, channel: 'sms' | 'email' = 'sms') {
    const [claimed] = await current().store.claimEscalations([id], { ...holding, now: far() })
    expect(claimed).toMatchObject({ escalation_id: id, number })
    const wanted = newMessage({ channel, escalation: { id, step: number } })
    return {
      outcome: (await current().store.reserveMessage(wanted, reserving)).outcome,
      id: wanted.message.id,
    }
  }

  it('a step is due so long after the acceptance of the message before it, not before', async () => {
    const id = await begun([step('sms')])
    expect(await due()).toEqual([])
    await accept(id)
    expect(await due(new Date(Date.now() + 890_000))).toEqual([])
    expect(await due(new Date(Date.now() + 910_000))).toMatchObject([
      { escalation_id: id, number: 1, reason: 'time', message: { id } },
    ])
  })

  it('the fact that makes it unnecessary cancels every step, whichever message tells it', async () => {
    const id = await begun([step('sms', { unless: 'read' }), step('email')])
    await accept(id)
    await told(id, 'delivered')
    expect(await states(id)).toEqual([
      ['waiting', 'time'],
      ['cancelled', 'delivered'],
    ])
    await told(id, 'read')
    expect(await states(id)).toEqual([
      ['cancelled', 'read'],
      ['cancelled', 'delivered'],
    ])
    expect(await due()).toEqual([])
  })

  it('a final failure makes the next step due at once', async () => {
    const id = await begun([step('sms')])
    await accept(id)
    await told(id, 'failed', { code: '63016' })
    expect(await due(new Date(Date.now() + 1_000))).toMatchObject([{ number: 1, reason: 'failed' }])
  })

  it('the first message’s expiry or cancelling ends it all', async () => {
    const expired = await begun([step('sms'), step('email')])
    await told(expired, 'failed', { source: 'send', code: 'expired' })
    const cancelled = await begun([step('sms')], { sendAt: at(3_600) })
    await current().store.cancelMessage(cancelled, 'acme')
    expect(await states(expired)).toEqual([
      ['cancelled', 'failed'],
      ['cancelled', 'failed'],
    ])
    expect(await states(cancelled)).toEqual([['cancelled', 'cancelled']])
  })

  it('a claimed step is sent once, and the one after it counts from its acceptance', async () => {
    const id = await begun([step('sms'), step('email')])
    await accept(id)
    const sms = await next(id, 1)
    expect(sms.outcome).toBe('reserved')
    expect(await due()).toEqual([])
    await accept(sms.id)
    expect(await due()).toMatchObject([{ number: 2, message: { id: sms.id } }])
    expect(await states(id)).toEqual([
      ['sent', 'time'],
      ['waiting', 'time'],
    ])
  })

  it('what is claimed by one process is not claimed by another, until its lease is over', async () => {
    const id = await begun([step('sms')])
    await accept(id)
    expect(await current().store.claimEscalations([id], { ...holding, now: far() })).toHaveLength(1)
    expect(await current().store.claimEscalations([id], { ...holding, now: far() })).toEqual([])
    await current().query(`update escalation_steps set lease_until = now() - interval '1 second'`)
    expect(await current().store.claimEscalations([id], { ...holding, now: far() })).toHaveLength(1)
  })

  it('a receipt that comes between the claim and the send cancels it', async () => {
    const id = await begun([step('sms')])
    await accept(id)
    const [claimed] = await current().store.claimEscalations([id], { ...holding, now: far() })
    expect(claimed).toBeDefined()
    await told(id, 'delivered')
    const late = newMessage({ channel: 'sms', escalation: { id, step: 1 } })
    expect((await current().store.reserveMessage(late, reserving)).outcome).toBe('cancelled')
    expect(await states(id)).toEqual([['cancelled', 'delivered']])
  })

  it('after an unknown outcome the step waits its time, and one on the same channel is skipped', async () => {
    const id = await begun([step('whatsapp'), step('sms')])
    await current().store.endExpiredAttempts(new Date(Date.now() + 3_600_000))
    expect(await due(new Date(Date.now() + 3_600_000 + 890_000))).toEqual([])
    expect(await due()).toMatchObject([{ number: 1, reason: 'time' }])
    expect(await current().store.claimEscalations([id], { ...holding, now: far() })).toMatchObject([
      { number: 2 },
    ])
    expect(await states(id)).toEqual([
      ['skipped', 'unknown_on_this_channel'],
      ['claimed', 'failed'],
    ])
  })

  it('a step that could not be reserved makes the next one due', async () => {
    const id = await begun([step('sms'), step('email')])
    await accept(id)
    await current().store.claimEscalations([id], { ...holding, now: far() })
    await current().store.failEscalationStep(id, 1, 'channel_not_configured')
    expect(await states(id)).toEqual([
      ['failed', 'channel_not_configured'],
      ['waiting', 'failed'],
    ])
    expect(await due(new Date(Date.now() + 1_000))).toMatchObject([{ number: 2 }])
  })

  it('one answer tells by which message somebody was reached', async () => {
    const id = await begun([step('sms')])
    await accept(id)
    expect((await timeline(current().store, id)).escalation).toMatchObject({ id, reached_by: null })
    const sms = await next(id, 1)
    await accept(sms.id)
    await told(sms.id, 'delivered', { channel: 'sms', occurredAt: at(50) })
    for (const one of [id, sms.id])
      expect((await timeline(current().store, one)).escalation).toMatchObject({
        id,
        reached_by: { message_id: sms.id, channel: 'sms' },
      })
  })

  it('while a step is being sent, what is told of the message before makes no other step due', async () => {
    const id = await begun([step('sms'), step('email')])
    await accept(id)
    await told(id, 'failed')
    expect(await current().store.claimEscalations([id], { ...holding, now: far() })).toHaveLength(1)
    await told(id, 'failed', { source: 'poll' })
    expect(await states(id)).toEqual([
      ['claimed', 'failed'],
      ['waiting', null],
    ])
    expect(await current().store.claimEscalations([id], { ...holding, now: far() })).toEqual([])
  })

  it('a step whose reservation was lost waits again, and the one after it with it', async () => {
    const id = await begun([step('sms'), step('email')])
    await accept(id)
    const lost = await next(id, 1)
    expect(await current().store.undoReservation(lost.id, 'acme', undefined)).toEqual({
      undone: 1,
      alive: false,
    })
    expect(await states(id)).toEqual([
      ['waiting', 'time'],
      ['waiting', null],
    ])
    expect((await next(id, 1)).outcome).toBe('reserved')
  })

  it('a failure that is refuted before its step went out gives the step its time back', async () => {
    const id = await begun([step('sms', { unless: 'read' })])
    await accept(id)
    await told(id, 'failed', { source: 'send' })
    expect(await due(new Date(Date.now() + 1_000))).toHaveLength(1)
    await told(id, 'delivered')
    expect(await due(new Date(Date.now() + 890_000))).toEqual([])
    expect(await due(new Date(Date.now() + 910_000))).toMatchObject([{ number: 1, reason: 'time' }])
  })

  it('after an unknown outcome every step on the same channel is skipped, whatever our clock says', async () => {
    const id = await begun([step('whatsapp'), step('whatsapp'), step('sms')])
    await current().store.endExpiredAttempts(new Date(Date.now() + 3_600_000))
    expect(await current().store.claimEscalations([id], { ...holding, now: far() })).toMatchObject([
      { number: 3 },
    ])
  })

  it('a failure that replay reads makes a step due with effects only', async () => {
    const id = await begun([step('sms')])
    await accept(id)
    const misread = event({ messageId: id, type: 'unknown' })
    await record(current().store, [misread])
    const rows = (type: 'failed' | 'rejected') => [
      eventRow({ event: { ...misread, type }, requestId: undefined }),
    ]
    await current().store.rewriteEvents(rows('failed'), { dryRun: false })
    expect(await due(new Date(Date.now() + 1_000))).toEqual([])
    await current().store.rewriteEvents(rows('rejected'), { dryRun: false, effects: true })
    expect(await due(new Date(Date.now() + 1_000))).toHaveLength(1)
  })

  it('what replay reads in a receipt makes a step unnecessary too', async () => {
    const id = await begun([step('sms')])
    await accept(id)
    const misread = event({ messageId: id, type: 'unknown' })
    await record(current().store, [misread])
    const rows = [eventRow({ event: { ...misread, type: 'delivered' }, requestId: undefined })]
    await current().store.rewriteEvents(rows, { dryRun: false })
    expect(await states(id)).toEqual([['cancelled', 'delivered']])
  })
}
