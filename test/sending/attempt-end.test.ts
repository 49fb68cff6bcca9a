import { expect, test } from 'vitest'
import { ProviderError } from '#src/model/errors.ts'
import { mostTriesWithoutEnd } from '#src/patience.ts'
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
  expect(failure(tried(mostTriesWithoutEnd), paced).ended).toMatchObject({
    outcome: 'retryable',
    code: 'paced',
    nextAttemptAt: expect.any(Date),
  })
})

test('what the provider does not take for days is given up, though nobody said when it ends', () => {
  const busy = new ProviderError('greenapi', 'retryable', 'greenapi: too many requests a second')
  expect(failure(tried(mostTriesWithoutEnd), busy).ended).toMatchObject({
    outcome: 'exhausted',
    code: 'attempts_exhausted',
  })
})

test('what has an end is not given up before, however often it was tried', () => {
  const busy = new ProviderError('greenapi', 'retryable', 'greenapi: cannot be reached')
  const end = new Date(at.getTime() + 48 * 3_600_000)
  for (const tries of [8, mostTriesWithoutEnd, 10 * mostTriesWithoutEnd]) {
    const { ended } = failure(tried(tries, end), busy)
    expect(ended).toMatchObject({ outcome: 'retryable' })
    expect(ended.nextAttemptAt?.getTime()).toBeLessThanOrEqual(at.getTime() + 1.25 * 3_600_000)
  }
})

test('what is not taken when its time is over says why', () => {
  const busy = new ProviderError('greenapi', 'retryable', 'greenapi: cannot be reached')
  const { ended } = failure(tried(3, at), busy)
  expect(ended).toMatchObject({
    code: 'expired',
    reason: 'its time had passed (greenapi: cannot be reached)',
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
