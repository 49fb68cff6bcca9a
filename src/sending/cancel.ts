import { noSuchMessage } from '#src/api/no-such-message.ts'
import { AppError } from '#src/model/errors.ts'
import type { Store } from '#src/store/store.ts'
import { saidByAPerson } from './said-by-a-person.ts'

/**
 * A person stops what waits of a message and of its escalation. Throws AppError: 404, or 409 where nothing waits any more.
 * Answers the message and its escalation as they stand then.
 */
export async function cancel(
  { store, now }: { store: Store; now: () => Date },
  wanted: { id: string; tenantId: string | undefined; requestId: string },
) {
  const found = await store.getMessage(wanted.id, wanted.tenantId, false)
  if (!found) throw noSuchMessage()
  const fact = { type: 'unknown', reason: 'cancelled by a person' } as const
  const event = saidByAPerson(found.message, 'cancelled', fact, now())
  const told = { events: [{ event, requestId: wanted.requestId }] }
  const { outcome, message, escalation } = await store.cancelMessage(wanted.id, wanted.tenantId, told)
  if (outcome === 'missing' || !message) throw noSuchMessage()
  if (outcome === 'too_late')
    throw new AppError(
      'too_late',
      409,
      'message: neither it nor what follows it is scheduled or waits any more',
      { details: { status: message.status } },
    )
  return { message, escalation }
}
