import { setTimeout as pause } from 'node:timers/promises'
import { attemptedLookMs } from '#src/patience.ts'
import type { Store } from '#src/store/store.ts'

/**
 * A message with its timeline, once the end of the attempt that is under way is known to the database; as it is then,
 * where that takes longer than `patienceMs`. Undefined: there is none.
 */
export async function attempted(store: Pick<Store, 'getMessage'>, messageId: string, patienceMs: number) {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const found = await store.getMessage(messageId, undefined, false)
    if (found?.message.status !== 'sending' || performance.now() >= deadline) return found ?? undefined
    await pause(attemptedLookMs)
  }
}
