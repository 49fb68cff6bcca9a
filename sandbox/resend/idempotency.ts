import { createRecent } from '../recent.ts'
import type { ResendError } from './order.ts'

/** Resend's Idempotency-Key: kept 24 h really, here as long as the newest 10,000. */
export interface Idempotency {
  /** The first answer to this key, or why it cannot be used; undefined: the key is new, or there is none. */
  recall(key: string | undefined, body: unknown): { id: string } | ResendError | undefined
  begin(key: string | undefined, body: unknown): void
  settle(key: string | undefined, answer: { id: string }): void
}

export function createIdempotency(): Idempotency {
  const seen = createRecent<{ body: string; answer: { id: string } | undefined }>()
  return {
    recall(key, body) {
      if (key === undefined) return undefined
      if (key.length < 1 || key.length > 256)
        return resendError(
          400,
          'invalid_idempotency_key',
          'The idempotency key must be between 1-256 characters.',
        )
      const first = seen.get(key)
      if (first === undefined) return undefined
      if (first.body !== JSON.stringify(body))
        return resendError(
          409,
          'invalid_idempotent_request',
          'This idempotency key has been used on a request that had a different payload.',
        )
      if (first.answer) return first.answer
      return resendError(
        409,
        'concurrent_idempotent_requests',
        'Another request with the same idempotency key is currently in progress.',
      )
    },
    begin(key, body) {
      if (key !== undefined) seen.set(key, { body: JSON.stringify(body), answer: undefined })
    },
    settle(key, answer) {
      const first = key === undefined ? undefined : seen.get(key)
      if (first) first.answer = answer
    },
  }
}

function resendError(statusCode: number, name: string, message: string): ResendError {
  return { statusCode, name, message }
}
