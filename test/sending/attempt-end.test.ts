import { expect, test } from 'vitest'
import { ProviderError } from '#src/model/errors.ts'
import { mostAttempts } from '#src/patience.ts'
import { failure, type Tried } from '#src/sending/attempt-end.ts'

const at = new Date('2026-11-22T07:15:00Z')

function tried(number: number, expiresAt?: Date): Tried {
  const message = {
    id: 'm1',
    tenantId: 't1',
    to: '+33600000000',
    createdAt: at,
    channel: 'whatsapp',
    body: 'Bonjour',
  } as const
  return {
    provider: { name: 'greenapi', channels: ['whatsapp'] },
    message,
    attempt: { number, expiresAt },
    at,
  }
}

test('what waits in our own line is not given up, however often it was told to come back', () => {
  const paced = new ProviderError('greenapi', 'retryable', 'greenapi: other messages go first', {
    providerCode: 'paced',
    heldBack: true,
    retryAfterMs: 9_000,
  })
  expect(failure(tried(mostAttempts), paced).ended).toMatchObject({
    outcome: 'retryable',
    code: 'paced',
    nextAttemptAt: expect.any(Date),
  })
})

test('what the provider does not take as often is given up', () => {
  const busy = new ProviderError('greenapi', 'retryable', 'greenapi: too many requests a second')
  expect(failure(tried(mostAttempts), busy).ended).toMatchObject({
    outcome: 'exhausted',
    code: 'attempts_exhausted',
  })
})

test('what would come too late the next time is given up at once, and says why it was not taken now', () => {
  const busy = new ProviderError('greenapi', 'retryable', 'greenapi: too many requests a second')
  const end = failure(tried(1, new Date(at.getTime() + 1_000)), busy)
  const reason = 'the next attempt would come after expiresAt (greenapi: too many requests a second)'
  expect(end.ended).toMatchObject({ outcome: 'exhausted', code: 'expired', reason })
  expect(end.event).toMatchObject({ type: 'failed', code: 'expired', reason })
  expect(end.notTaken).toMatchObject({ reason: busy.message })
})

test('what would come too late only by our own rule waits to its end: its provider may be back before', () => {
  const busy = new ProviderError('greenapi', 'retryable', 'greenapi: too many requests a second')
  const expiresAt = new Date(at.getTime() + 1_000)
  const waiting = tried(1, expiresAt)
  const end = failure({ ...waiting, attempt: { ...waiting.attempt, expiresByDefault: true } }, busy)
  expect(end.ended).toMatchObject({ outcome: 'retryable', nextAttemptAt: expiresAt })
})
