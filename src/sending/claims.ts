import { attemptLeaseMs, lostCallMs, placesAProvider, repeatableForMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { DueMessage } from '#src/store/calls/sends.ts'
import type { Claim } from '#src/store/kept.ts'
import type { Store } from '#src/store/store.ts'

/**
 * Takes what is due from the database, with the next attempt begun. The answer may be lost when the attempts are begun
 * already, or before its call has even reached the database. So for a minute after that, what this process has open there
 * and never heard of is given back: it is due again.
 */
export function createClaims(options: {
  store: Pick<Store, 'claimDue' | 'openClaims' | 'giveBack'>
  owner: string
  log: Log
}) {
  const { store, owner, log } = options
  let lostAt = Number.NEGATIVE_INFINITY
  /** The attempts of which the database has told, and when: for longer than it lets them be open. */
  const heard = new Map<string, number>()

  /** What is open is asked for first: whatever is heard of later is not in it. */
  async function giveBackUnheard(): Promise<void> {
    const open = await store.openClaims(owner)
    const unheard = open.filter(({ message_id: id, begun_at: begunAt }) => !heard.has(`${id} ${begunAt}`))
    if (unheard.length === 0) return
    for (const { id, provider } of await store.giveBack(unheard))
      log.warn('attempt_given_back', { messageId: id, provider })
  }

  function hear(due: readonly DueMessage[]): void {
    const time = performance.now()
    for (const { id, begun_at: begunAt } of due) heard.set(`${id} ${begunAt}`, time)
    for (const [attempt, at] of heard) {
      if (time - at <= 2 * attemptLeaseMs) break
      heard.delete(attempt)
    }
  }

  return async function claim(
    wanted: Pick<Claim, 'busy' | 'avoided' | 'standIns' | 'off'> & { limit?: number },
  ): Promise<DueMessage[]> {
    if (performance.now() - lostAt < lostCallMs) await giveBackUnheard()
    try {
      const due = await store.claimDue({
        limit: placesAProvider,
        ...wanted,
        owner,
        leaseSeconds: attemptLeaseMs / 1_000,
        repeatSeconds: repeatableForMs / 1_000,
      })
      hear(due)
      return due
    } catch (error) {
      lostAt = performance.now()
      throw error
    }
  }
}
