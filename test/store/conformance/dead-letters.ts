import { describe, expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { NewMessage } from '#src/store/kept.ts'
import { batchRows } from '#src/store/rows.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, at, event, messageOf, record, reserve, revived, timeline } from '#support/facts.ts'

const claiming = { owner: 'worker', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10 }

export function deadLetterSuite(current: () => TestStore): void {
  const listed = async () =>
    (await current().store.listDeadLetters({ tenantId: 'acme', limit: 10 })).map(({ id }) => id)
  const revive = async (id: string) =>
    (await current().store.reviveDeadLetter(id, 'acme', { events: [revived(id)] }, at(60))).outcome
  const due = () => current().store.claimDue({ ...claiming, now: at(60) })
  const told = (type: MessageEvent['type'], providerMessageId: string, fields: Partial<MessageEvent> = {}) =>
    record(current().store, [event({ type, providerMessageId, source: 'poll', ...fields })])
  const tookBack = (providerMessageId: string) => told('failed', providerMessageId, { code: 'cleared' })

  async function takenBack(fields: Partial<NewMessage> = {}) {
    const { store } = current()
    const messageId = await reserve(store, fields)
    await record(store, [], [accepted(messageId, 'SM1')])
    await told('queued', 'SM1')
    await told('deferred', 'SM1')
    await tookBack('SM1')
    expect(await messageOf(store, messageId)).toMatchObject({ status: 'failed', error_code: 'cleared' })
    return messageId
  }

  describe('a message that its provider took back', () => {
    it('is one, and due there once where a person revives it; its timeline keeps what was', async () => {
      const { store } = current()
      const messageId = await takenBack()
      expect(await listed()).toEqual([messageId])
      expect(await due()).toEqual([])
      expect(await Promise.all([revive(messageId), revive(messageId)])).toEqual(
        expect.arrayContaining(['revived', 'not_dead']),
      )
      expect(await listed()).toEqual([])
      expect(await messageOf(store, messageId)).toMatchObject({
        status: 'queued',
        failed_at: null,
        deferred_at: null,
        error_code: null,
      })
      expect(await due()).toMatchObject([{ id: messageId, provider: 'twilio', attempts: 2 }])
      await record(store, [], [accepted(messageId, 'SM2', { attempt: 2 })])
      await told('delivered', 'SM2')
      const { message, events, attempts } = await timeline(store, messageId)
      expect(message).toMatchObject({ status: 'delivered', provider_message_id: 'SM2' })
      expect(events).toContainEqual(expect.objectContaining({ type: 'failed', code: 'cleared' }))
      expect(attempts).toMatchObject([
        { outcome: 'accepted', provider_message_id: 'SM1' },
        { outcome: 'accepted', provider_message_id: 'SM2' },
      ])
      expect(await revive(messageId)).toBe('not_dead')
    })

    it('is one again where what was revived is taken back too', async () => {
      const { store } = current()
      const messageId = await takenBack()
      await revive(messageId)
      await due()
      await record(store, [], [accepted(messageId, 'SM2', { attempt: 2 })])
      expect(await listed()).toEqual([])
      await tookBack('SM2')
      expect(await listed()).toEqual([messageId])
      expect(await revive(messageId)).toBe('revived')
      expect(await due()).toMatchObject([{ id: messageId, attempts: 3 }])
    })

    it('is none where another carries it, or its time had passed', async () => {
      const { store } = current()
      const other = await reserve(store, { fallback: 'greenapi' })
      await record(store, [], [accepted(other, 'SM2')])
      await tookBack('SM2')
      const late = await takenBack({ expiresAt: at(5) })
      expect(await listed()).toEqual([])
      for (const id of [other, late]) expect(await revive(id)).toBe('not_dead')
    })

    it.each(['sent', 'delivered', 'read'] as const)(
      'is none once it is told to be %s after all, nor due when it was revived before',
      async (type) => {
        const messageId = await takenBack()
        await told(type, 'SM1')
        expect(await listed()).toEqual([])
        expect(await revive(messageId)).toBe('not_dead')
        const revived = await reserve(current().store)
        await record(current().store, [], [accepted(revived, 'SM3')])
        await tookBack('SM3')
        await revive(revived)
        await told(type, 'SM3')
        expect(await due()).toEqual([])
      },
    )
  })

  describe('a message that we gave up', () => {
    async function givenUp() {
      const { store } = current()
      const messageId = await reserve(store)
      const exhausted = accepted(messageId, '', { outcome: 'exhausted', providerMessageId: undefined })
      const end = event({ messageId, type: 'failed', code: 'attempts_exhausted', source: 'send' })
      await record(store, [end], [exhausted])
      return messageId
    }

    it('is one until its provider tells of it', async () => {
      const messageId = await givenUp()
      expect(await listed()).toEqual([messageId])
      await record(current().store, [event({ messageId, type: 'sent' })])
      expect(await listed()).toEqual([])
      expect(await revive(messageId)).toBe('not_dead')
    })

    it('is one where what was taken for its provider’s word is read as something else', async () => {
      const { store } = current()
      const messageId = await givenUp()
      const misread = event({ messageId, type: 'sent' })
      await record(store, [misread])
      const row = { ...misread, type: 'unknown' as const }
      await store.rewriteEvents(batchRows({ events: [{ event: row, requestId: undefined }] }).events, {
        dryRun: false,
      })
      expect(await listed()).toEqual([messageId])
      expect(await revive(messageId)).toBe('revived')
      expect(await due()).toMatchObject([{ id: messageId }])
    })
  })
}
