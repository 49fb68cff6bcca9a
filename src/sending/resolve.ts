import { noSuchMessage } from '#src/api/no-such-message.ts'
import { AppError } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { Outcome, Resolution } from '#src/store/kept.ts'
import type { ShownMessage } from '#src/store/shown.ts'
import type { Store } from '#src/store/store.ts'
import { saidByAPerson } from './said-by-a-person.ts'

const outcomes: Readonly<Record<Resolution, Outcome['outcome']>> = {
  sent: 'accepted',
  failed: 'refused',
  retry: 'retryable',
}

/** What each answer is on the timeline. */
const facts = {
  sent: { type: 'sent' },
  failed: {
    type: 'failed',
    code: 'resolved_as_failed',
    reason: 'settled by a person: it did not go out',
  },
  retry: { type: 'queued', reason: 'settled by a person: to be sent again' },
} as const satisfies Record<Resolution, Pick<MessageEvent, 'type' | 'code' | 'reason'>>

/**
 * A person settles a send of unknown outcome: it went out, it did not, or it is to be sent again at the risk of a second
 * one. Throws AppError: 404, or 409 where the outcome is known (by now).
 */
export async function resolveUnknown(
  tools: { store: Store; now: () => Date },
  wanted: { id: string; tenantId: string | undefined; as: Resolution; requestId: string },
): Promise<ShownMessage> {
  const { store, now } = tools
  const found = await store.getMessage(wanted.id, wanted.tenantId, false)
  if (!found) throw noSuchMessage()
  const event = saidByAPerson(found.message, 'resolved', facts[wanted.as], now())
  const outcome: Outcome = {
    messageId: wanted.id,
    attempt: found.message.attempts,
    outcome: outcomes[wanted.as],
    provider: event.provider,
    errorCode: wanted.as === 'failed' ? facts.failed.code : undefined,
    at: event.occurredAt,
    nextAttemptAt: wanted.as === 'retry' ? event.occurredAt : undefined,
    settledAs: wanted.as,
  }
  const settled = await store.settleUnknown(wanted.id, wanted.tenantId, {
    events: [{ event, requestId: wanted.requestId }],
    outcomes: [outcome],
  })
  if (settled.outcome === 'missing' || !settled.message) throw noSuchMessage()
  if (settled.outcome === 'known')
    throw new AppError('outcome_known', 409, 'message: its outcome is known, there is nothing to settle', {
      details: { status: settled.message.status },
    })
  return settled.message
}
