import { describe, expect, it } from 'vitest'
import type { Ask } from '#providers/greenapi/ask.ts'
import { greenapiClearQueue } from '#providers/greenapi/clear-queue.ts'
import { ProviderError } from '#src/model/errors.ts'

const chatId = '33612345678@c.us'
const now = () => new Date('2026-11-22T12:00:00Z')
const waiting = (messageID: string) => ({ messageID, type: 'sendMessage', body: { chatId, message: 'Hi' } })

/** An instance that answers each question with what the test has put there, the last of them again and again. */
function instance(answers: Record<string, unknown[]>) {
  const asked: string[] = []
  const ask: Ask = async (method) => {
    asked.push(method)
    const [answer, ...later] = answers[method] ?? []
    if (later.length > 0) answers[method] = later
    if (answer instanceof Error) throw answer
    return answer
  }
  const reader = { instanceId: '1101000001', country: 'FR' }
  return { asked, clearQueue: greenapiClearQueue(ask, reader, now, async () => {}) }
}

const cleared = (idMessage: string) => ({
  eventId: `1101000001:${chatId}:${idMessage}:cleared`,
  type: 'failed',
  code: 'cleared',
  source: 'poll',
  channel: 'whatsapp',
  providerMessageId: idMessage,
  recipient: '+33612345678',
  occurredAt: now(),
})

describe('the queue of Green-API', () => {
  it('is shown, cleared and shown again: what is gone was cleared, what is left was not', async () => {
    const { asked, clearQueue } = instance({
      showMessagesQueue: [[waiting('A'), waiting('B')], [waiting('B')]],
      clearMessagesQueue: [{ isCleared: true }],
    })
    expect(await clearQueue()).toMatchObject([cleared('A')])
    expect(asked).toEqual(['showMessagesQueue', 'clearMessagesQueue', 'showMessagesQueue', 'getMessage'])
  })

  it('is left alone where nothing waits in it', async () => {
    const { asked, clearQueue } = instance({ showMessagesQueue: [[]] })
    expect(await clearQueue()).toEqual([])
    expect(asked).toEqual(['showMessagesQueue'])
  })

  it('was left by what went out in that very moment: that was not cleared', async () => {
    const sent = { idMessage: 'A', chatId, type: 'outgoing', statusMessage: 'sent' }
    const pending = { ...sent, idMessage: 'B', statusMessage: 'pending' }
    const { clearQueue } = instance({
      showMessagesQueue: [[waiting('A'), waiting('B')], []],
      getMessage: [sent, pending],
    })
    expect(await clearQueue()).toMatchObject([
      { eventId: `1101000001:${chatId}:A:sent`, type: 'sent', source: 'poll' },
      cleared('B'),
    ])
  })

  it.each([
    ['the clearing', { clearMessagesQueue: [away(), {}], showMessagesQueue: [[waiting('A')], []] }],
    ['the second look', { showMessagesQueue: [[waiting('A')], away(), []] }],
    [
      'the question after one of them',
      { showMessagesQueue: [[waiting('A')], []], getMessage: [away(), undefined] },
    ],
  ])(
    'that was cleared in vain or unseen, since %s failed, is accounted for the next time',
    async (_what, answers) => {
      const { clearQueue } = instance(answers)
      await expect(clearQueue()).rejects.toThrow('away')
      expect(await clearQueue()).toMatchObject([cleared('A')])
    },
  )

  it('holds what names no chat, which can be none of ours', async () => {
    const { clearQueue } = instance({ showMessagesQueue: [[{ messageID: 'A' }, waiting('B'), null], []] })
    expect(await clearQueue()).toMatchObject([cleared('B')])
  })
})

function away(): ProviderError {
  return new ProviderError('greenapi', 'retryable', 'away')
}
