import { attemptLeaseMs, placesAProvider, repeatableForMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { DueMessage } from '#src/store/calls/sends.ts'
import type { Claim } from '#src/store/kept.ts'
import type { Store } from '#src/store/store.ts'

/**
 * Takes what is due from the database, with the next attempt begun. An answer may be lost when the attempts are begun
 * already: this process does not run them, so they are due again as soon as the database answers.
 */
export function createClaims(options: {
  store: Pick<Store, 'claimDue' | 'giveBackUnbegun'>
  owner: string
  /** The messages that this process is sending. */
  running: () => string[]
  log: Log
}) {
  const { store, owner, running, log } = options
  let lost = false

  async function giveBack(): Promise<void> {
    const given = await store.giveBackUnbegun(owner, running())
    // Where that call is still under way, another look comes with the next claim.
    lost = given === undefined
    for (const { id, provider } of given ?? []) log.warn('attempt_given_back', { messageId: id, provider })
  }

  return async function claim(
    wanted: Pick<Claim, 'busy' | 'avoided' | 'standIns'> & { limit?: number },
  ): Promise<DueMessage[]> {
    if (lost) await giveBack()
    try {
      return await store.claimDue({
        limit: placesAProvider,
        ...wanted,
        owner,
        leaseSeconds: attemptLeaseMs / 1_000,
        repeatSeconds: repeatableForMs / 1_000,
      })
    } catch (error) {
      lost = true
      throw error
    }
  }
}
