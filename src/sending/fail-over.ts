import type { Stops } from '#src/carriers/stops.ts'
import type { Provider } from '#src/contract/provider.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Store } from '#src/store/store.ts'
import type { Attempt, AttemptEnd, Tried } from './attempt-end.ts'
import { senderWord } from './sender.ts'

/** The next attempt, at the provider that takes over; `none`: it was not begun; `lost`: nobody knows whether it was. */
export type Begun = { provider: Provider; attempt: Attempt } | 'none' | 'lost'

export type FailOver = ReturnType<typeof createFailOver>

/**
 * Gives a message that its provider surely did not take to the one that takes over, once an attempt: this one is ended and
 * the next begun and leased in the database first.
 */
export function createFailOver(options: {
  store: Pick<Store, 'failOver'>
  stops: Pick<Stops, 'of'>
  owner: string
  leaseSeconds: number
  log: Log
}) {
  const { store, stops, owner, leaseSeconds, log } = options
  return async function failOver(
    { provider, message, attempt }: Omit<Tried, 'at'>,
    { code, reason, reached }: NonNullable<AttemptEnd['notTaken']>,
  ): Promise<Begun> {
    const { fallback, number, ...rest } = attempt
    if (!fallback || stops.of(fallback.name, senderWord(fallback, message))) return 'none'
    const ids = { messageId: message.id, provider: provider.name, attempt: number }
    try {
      const circumstances = await store.failOver(
        { ...ids, outcome: 'retryable', errorCode: code, errorMessage: reason, reached },
        { owner, leaseSeconds },
      )
      if (!circumstances) return 'none'
      const next = { ...rest, number: number + 1, circumstances, insteadOf: { provider, code } }
      return { provider: fallback, attempt: next }
    } catch (error) {
      log.error('fail_over_not_begun', { ...ids, error })
      return 'lost'
    }
  }
}
