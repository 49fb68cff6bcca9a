import { noSuchMessage } from '#src/api/no-such-message.ts'
import { AppError } from '#src/model/errors.ts'
import type { ShownMessage } from '#src/store/shown.ts'
import type { Store } from '#src/store/store.ts'
import { saidByAPerson } from './said-by-a-person.ts'

/** SQL knows the code: what failed before it counts no more (stamp_facts). */
const fact = { type: 'unknown', code: 'revived', reason: 'revived by a person' } as const

/** A person wants a dead letter sent again. Throws AppError: 404, or 409 where it is not dead. */
export async function revive(
  { store, now }: { store: Store; now: () => Date },
  wanted: { id: string; tenantId: string | undefined; requestId: string },
): Promise<ShownMessage> {
  const { id, tenantId, requestId } = wanted
  const found = await store.getMessage(id, tenantId, false)
  if (!found) throw noSuchMessage()
  const events = [{ event: saidByAPerson(found.message, 'revived', fact, now()), requestId }]
  const { outcome, message } = await store.reviveDeadLetter(id, tenantId, { events })
  if (outcome === 'missing' || !message) throw noSuchMessage()
  if (outcome === 'not_dead')
    throw new AppError('not_dead', 409, 'message: not given up, so there is nothing to revive', {
      details: { status: message.status },
    })
  return message
}
