import { describe, expect, it } from 'vitest'
import { failedOverFrom } from '#src/model/warnings.ts'
import type { Outcome } from '#src/store/kept.ts'
import type { TestStore } from '#support/database.ts'
import {
  accepted,
  at,
  customer,
  event,
  messageOf,
  newMessage,
  record,
  reserve,
  reserving,
  timeline,
} from '#support/facts.ts'

const claiming = { owner: 'worker', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10 }
const standIns = ['greenapi']
const begunBy = { owner: reserving.owner, leaseSeconds: 60 }
/** The word is given by TypeScript in answers and by SQL in rows: it is one. */
const warning = failedOverFrom('twilio')
const afterTheLease = () => new Date(Date.now() + 3_600_000)

function notTaken(messageId: string, fields: Partial<Outcome> = {}): Outcome {
  return { messageId, attempt: 1, outcome: 'retryable', provider: 'twilio', errorCode: '20429', ...fields }
}

export function failOverSuite(current: () => TestStore): void {
  const mayGoOn = (fields: Parameters<typeof newMessage>[0] = {}) =>
    reserve(current().store, { fallback: 'greenapi', ...fields })

  const closed = (provider: string, seconds = 30) =>
    record(current().store, [
      event({
        provider,
        type: 'unknown',
        providerState: { state: 'notAuthorized', open: false },
        occurredAt: at(seconds),
      }),
    ])

  describe('fail_over', () => {
    it('ends the attempt and begins the next one at the fallback, leased, in one step', async () => {
      const { store } = current()
      const messageId = await mayGoOn({ warnings: ['w1'] })
      await record(store, [
        event({
          provider: 'greenapi',
          type: 'received',
          inbound: { sender: customer, recipient: 'x', text: 'Bonjour' },
          occurredAt: at(5),
        }),
      ])
      expect(await store.failOver(notTaken(messageId), begunBy)).toEqual({
        suppressed: undefined,
        suppressedCopies: [],
        heardForMs: expect.any(Number),
        stopped: undefined,
      })
      const { message, attempts } = await timeline(store, messageId)
      expect(message).toMatchObject({
        status: 'sending',
        provider: 'greenapi',
        attempts: 2,
        sender: null,
        next_attempt_at: null,
        warnings: ['w1', warning],
      })
      expect(attempts).toMatchObject([
        { number: 1, provider: 'twilio', outcome: 'retryable', error_code: '20429' },
        { number: 2, provider: 'greenapi', outcome: null, owner: reserving.owner, ended_at: null },
      ])
      expect(await store.endExpiredAttempts(new Date())).toEqual([])
      expect(await store.endExpiredAttempts(afterTheLease())).toEqual([
        { id: messageId, provider: 'greenapi' },
      ])
    })

    it('is done once: of two who tell it at the same time one goes on', async () => {
      const { store } = current()
      const messageId = await mayGoOn()
      const both = await Promise.all([1, 2].map(() => store.failOver(notTaken(messageId), begunBy)))
      expect(both.filter((one) => one !== undefined)).toHaveLength(1)
      expect((await timeline(store, messageId)).attempts).toHaveLength(2)
    })

    it.each<[string, (id: string, store: TestStore['store']) => Promise<unknown>]>([
      ['its lease is over', (_id, store) => store.endExpiredAttempts(afterTheLease())],
      ['a receipt came', (messageId, store) => record(store, [event({ messageId })])],
      ['it has ended', (messageId, store) => record(store, [], [accepted(messageId, 'SM1')])],
      ['the fallback takes nothing', () => closed('greenapi')],
    ])('changes nothing where %s', async (_why, happens) => {
      const { store } = current()
      const messageId = await mayGoOn()
      await happens(messageId, store)
      const before = await timeline(store, messageId)
      expect(await store.failOver(notTaken(messageId), begunBy)).toBeUndefined()
      expect(await timeline(store, messageId)).toEqual(before)
    })

    it('changes nothing where nobody may take over, another process runs it, or it has gone on already', async () => {
      const { store } = current()
      const alone = await reserve(store)
      expect(await store.failOver(notTaken(alone), begunBy)).toBeUndefined()
      const messageId = await mayGoOn()
      expect(await store.failOver(notTaken(messageId), { ...begunBy, owner: 'other' })).toBeUndefined()
      expect(await store.failOver(notTaken(messageId), begunBy)).toBeDefined()
      const second = notTaken(messageId, { attempt: 2, provider: 'greenapi' })
      expect(await store.failOver(second, begunBy)).toBeUndefined()
      expect((await timeline(store, messageId)).attempts).toMatchObject([
        { outcome: 'retryable' },
        { outcome: null },
      ])
    })

    it('what the fallback did not take either waits for the first one, without the warning; what it took keeps it', async () => {
      const { store } = current()
      const messageId = await mayGoOn()
      await store.failOver(notTaken(messageId), begunBy)
      await record(
        store,
        [],
        [notTaken(messageId, { attempt: 2, nextAttemptAt: at(60), sender: '+33700000000' })],
      )
      expect(await messageOf(store, messageId)).toMatchObject({
        status: 'queued',
        provider: 'twilio',
        sender: '+33700000000',
        warnings: [],
      })
      const [again] = await store.claimDue({ ...claiming, owner: reserving.owner, standIns, now: at(60) })
      expect(again).toMatchObject({ provider: 'twilio', attempts: 3, instead_of: undefined })
      await store.failOver(notTaken(messageId, { attempt: 3 }), begunBy)
      const carried = { provider: 'greenapi', attempt: 4, warnings: [warning, 'w2'] }
      await record(store, [], [accepted(messageId, 'GA1', carried)])
      expect(await messageOf(store, messageId)).toMatchObject({
        provider: 'greenapi',
        provider_message_id: 'GA1',
        warnings: [warning, 'w2'],
      })
      const receipt = event({ provider: 'greenapi', providerMessageId: 'GA1' })
      await record(store, [receipt])
      expect(await messageOf(store, messageId)).toMatchObject({ status: 'delivered' })
    })

    it('an attempt that nobody knows whether it was begun ends with the one before it, but not another process’s', async () => {
      const { store } = current()
      const end = { nextAttemptAt: at(60) }
      const unbegun = { attempt: 2, owner: reserving.owner, errorCode: 'not_begun', ...end }
      const begun = await mayGoOn()
      await store.failOver(notTaken(begun), begunBy)
      await record(store, [], [notTaken(begun, end), notTaken(begun, unbegun)])
      expect((await timeline(store, begun)).attempts).toMatchObject([
        { outcome: 'retryable', error_code: '20429' },
        { outcome: 'retryable', error_code: 'not_begun' },
      ])
      expect(await messageOf(store, begun)).toMatchObject({ status: 'queued', provider: 'twilio' })

      const never = await mayGoOn()
      await record(store, [], [notTaken(never, end), notTaken(never, unbegun)])
      expect(await store.failOver(notTaken(never), begunBy)).toBeUndefined()
      await store.claimDue({ ...claiming, now: at(60) })
      await record(store, [], [notTaken(never, end), notTaken(never, unbegun)])
      expect((await timeline(store, never)).attempts).toMatchObject([
        { outcome: 'retryable', error_code: '20429' },
        { outcome: null, owner: 'worker' },
      ])
    })
  })

  describe('claim_due', () => {
    const waiting = async (fields: Parameters<typeof newMessage>[0] = {}) => {
      const wanted = newMessage({ sendAt: at(60), fallback: 'greenapi', ...fields })
      await current().store.reserveMessage(wanted, reserving)
      return wanted.message.id
    }
    const claimed = async (more: object) =>
      (await current().store.claimDue({ ...claiming, now: at(90), ...more })).map(
        ({ id, provider, instead_of: insteadOf }) => ({ id, provider, insteadOf }),
      )

    it.each([
      ['is to be left alone', { avoided: ['twilio'], standIns }, false],
      ['takes nothing', { standIns }, true],
    ])('begins at the fallback what may go on, where its provider %s', async (_why, more, shut) => {
      if (shut) await closed('twilio')
      const id = await waiting()
      expect(await claimed(more)).toEqual([{ id, provider: 'greenapi', insteadOf: 'twilio' }])
      const { message, attempts } = await timeline(current().store, id)
      expect(message).toMatchObject({ provider: 'greenapi', sender: null, warnings: [warning] })
      expect(attempts).toMatchObject([{ number: 1, provider: 'greenapi' }])
    })

    it('begins nothing at a fallback that is not there, takes nothing, has no room, or may not carry it', async () => {
      const avoided = ['twilio']
      const id = await waiting()
      expect(await claimed({ avoided, standIns, busy: standIns })).toEqual([])
      expect(await claimed({ avoided, standIns: [] })).toEqual([
        { id, provider: 'twilio', insteadOf: undefined },
      ])
      const pinned = await waiting({ fallback: undefined })
      expect(await claimed({ avoided, standIns })).toEqual([
        { id: pinned, provider: 'twilio', insteadOf: undefined },
      ])
      await closed('greenapi')
      const other = await waiting()
      expect(await claimed({ avoided, standIns })).toEqual([
        { id: other, provider: 'twilio', insteadOf: undefined },
      ])
      await closed('twilio')
      await waiting()
      expect(await claimed({ avoided, standIns })).toEqual([])
    })

    it('leaves what may be with its provider there', async () => {
      const { store } = current()
      const messageId = await mayGoOn()
      const unknown = { outcome: 'unknown', providerMessageId: undefined, nextAttemptAt: at(60) } as const
      await record(store, [], [accepted(messageId, '', unknown)])
      expect(await claimed({ avoided: ['twilio'], standIns })).toEqual([
        { id: messageId, provider: 'twilio', insteadOf: undefined },
      ])
    })
  })

  describe('what was cleared', () => {
    const tookBack = (providerMessageId: string, fields: object = {}) =>
      event({ type: 'failed', code: 'cleared', source: 'poll', providerMessageId, ...fields })

    it('does not fail where another may carry it: that one has it next, once, and its receipts count', async () => {
      const { store } = current()
      const messageId = await mayGoOn()
      await record(store, [], [accepted(messageId, 'SM1', { checkAt: at(900) })])
      const queued = event({ type: 'queued', source: 'poll', providerMessageId: 'SM1' })
      const { handed_on: handedOn } = await record(store, [queued, tookBack('SM1')])
      expect(handedOn).toEqual([{ message_id: messageId, from: 'twilio', to: 'greenapi' }])
      expect(await messageOf(store, messageId)).toMatchObject({
        status: 'queued',
        provider: 'greenapi',
        provider_message_id: null,
        failed_at: null,
        check_at: null,
        error_code: null,
        warnings: [warning],
      })
      const [due] = await store.claimDue({ ...claiming, now: new Date(Date.now() + 1_000) })
      expect(due).toMatchObject({ id: messageId, provider: 'greenapi', attempts: 2, instead_of: undefined })
      const carried = { provider: 'greenapi', attempt: 2 }
      await record(store, [], [accepted(messageId, 'GA1', carried)])
      await record(store, [tookBack('SM1', { messageId })])
      await record(store, [event({ provider: 'greenapi', providerMessageId: 'GA1' })])
      expect(await messageOf(store, messageId)).toMatchObject({
        status: 'delivered',
        provider_message_id: 'GA1',
        failed_at: null,
      })
      const back = event({ ...tookBack('GA1'), provider: 'greenapi' })
      await record(store, [back])
      expect(await messageOf(store, messageId)).toMatchObject({ attempts: 2, next_attempt_at: null })
    })

    it('is due at the other one though it had been deferred', async () => {
      const { store } = current()
      const messageId = await mayGoOn()
      await record(store, [], [accepted(messageId, 'SM1')])
      await record(store, [event({ type: 'deferred', source: 'poll', providerMessageId: 'SM1' })])
      await record(store, [tookBack('SM1')])
      expect(await messageOf(store, messageId)).toMatchObject({ status: 'queued', deferred_at: null })
      expect(await store.claimDue({ ...claiming, now: new Date(Date.now() + 1_000) })).toMatchObject([
        { id: messageId, provider: 'greenapi' },
      ])
    })

    it('has on its timeline what the one that took it back still tells, by the id that it had there', async () => {
      const { store } = current()
      const messageId = await mayGoOn()
      await record(store, [], [accepted(messageId, 'SM1')])
      await record(store, [tookBack('SM1')])
      expect(await record(store, [event({ type: 'sent', providerMessageId: 'SM1' })])).toMatchObject({
        parked: 0,
      })
      expect(await store.claimDue({ ...claiming, now: new Date(Date.now() + 1_000) })).toEqual([])
      expect(await messageOf(store, messageId)).toMatchObject({ status: 'sent', provider: 'greenapi' })
    })

    it('is not escalated while another may still carry it', async () => {
      const { store } = current()
      const message = { channel: 'sms', tenantId: 'acme', to: customer, body: 'Hi' } as const
      const request = { message, language: 'fr' } as const
      const step = { channel: 'sms', afterSeconds: 60, unless: 'delivered', request } as const
      const messageId = await mayGoOn({ escalation: { steps: [step] } })
      await record(store, [], [accepted(messageId, 'SM1')])
      await record(store, [tookBack('SM1')])
      expect(await store.dueSteps({ limit: 10, now: new Date(Date.now() + 1_000) })).toEqual([])
    })

    it('fails as before where nobody else may carry it, its time has passed, or it went out after all', async () => {
      const { store } = current()
      const alone = await reserve(store)
      const late = await mayGoOn({ expiresAt: at(5) })
      for (const [id, sid] of [
        [alone, 'SM1'],
        [late, 'SM2'],
      ] as const) {
        await record(store, [], [accepted(id, sid)])
        await record(store, [tookBack(sid)])
        expect(await messageOf(store, id)).toMatchObject({
          status: 'failed',
          error_code: 'cleared',
          provider: 'twilio',
          next_attempt_at: null,
        })
      }
      const out = await mayGoOn()
      await record(store, [], [accepted(out, 'SM3')])
      await record(store, [event({ type: 'sent', providerMessageId: 'SM3' }), tookBack('SM3')])
      expect(await messageOf(store, out)).toMatchObject({ provider: 'twilio', next_attempt_at: null })
    })
  })
}
