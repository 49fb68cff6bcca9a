import { backoffMs, mostUnread } from '#src/patience.ts'
import type { DueMessage } from '#src/store/calls/sends.ts'
import { StoreError } from '#src/store/database.ts'
import type { Batch } from '#src/store/kept.ts'
import { endEvent } from './attempt-events.ts'

/**
 * How an attempt ends that was begun and could not be made, since what it was to send could not be read: the database did
 * not give it, or only a newer server can read it. It is tried again, and given up like any other.
 */
export function unread(due: DueMessage, error: unknown, at: Date): Batch {
  const { id, attempts, attempts_before: before, uncertain, request_id: requestId } = due
  const provider = due.instead_of ?? due.provider
  const tries = attempts - before
  const exhausted = tries >= mostUnread && !uncertain
  const code = 'unreadable'
  const reason =
    error instanceof StoreError
      ? 'sending: what it is to send could not be read from the database (see the log)'
      : 'sending: what it is to send cannot be read by this version of the server (end the older servers)'
  const event = { provider, message: { id }, attempt: attempts, at, type: 'failed' as const, code, reason }
  return {
    events: exhausted ? [{ event: endEvent(event), requestId }] : [],
    outcomes: [
      {
        messageId: id,
        attempt: attempts,
        provider,
        outcome: exhausted ? 'exhausted' : uncertain ? 'unknown' : 'retryable',
        errorCode: code,
        errorMessage: reason,
        at,
        nextAttemptAt: tries >= mostUnread ? undefined : new Date(at.getTime() + backoffMs(tries)),
      },
    ],
    quarantined: [],
  }
}
