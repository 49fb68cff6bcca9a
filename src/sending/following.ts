import { followingWaitMs } from '#src/patience.ts'
import { StoreError } from '#src/store/database.ts'
import type { ShownEscalation } from '#src/store/shown.ts'
import type { Store } from '#src/store/store.ts'
import { within } from '#src/store/within.ts'
import { attempted } from './attempted.ts'

/** The escalation of a message; `unknown` while the database does not say. */
export type Following = ShownEscalation | 'unknown'

/** What follows a message; undefined: nothing does. */
export async function followingOf(
  store: Pick<Store, 'getMessage'>,
  messageId: string,
): Promise<Following | undefined> {
  try {
    const found = await within(attempted(store, messageId, followingWaitMs), followingWaitMs)
    return found?.message.status === 'sending' ? 'unknown' : (found?.escalation ?? undefined)
  } catch (error) {
    if (error instanceof StoreError) return 'unknown'
    throw error
  }
}

/** Whether another message goes out, for a caller who would send one; empty: none does. */
export function wordOnFollowing(following: Following): string {
  if (following === 'unknown')
    return '; its escalation may go on (ask for the message before you send it again yourself)'
  const next = following.steps.find(
    ({ state }) => state === 'waiting' || state === 'claimed' || state === 'sent',
  )
  if (!next) return ''
  return next.state === 'sent'
    ? `; its escalation went on by ${next.channel} (ask for the message: escalation says what became of it)`
    : `; its escalation goes on by ${next.channel} (do not send it again yourself)`
}
