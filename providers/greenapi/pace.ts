import { setTimeout } from 'node:timers/promises'
import { ProviderError } from '#src/model/errors.ts'

/** Less than the ten seconds for which the repeat of a request waits for the first one's answer. */
const longestWaitMs = 8_000

/** Resolves when the next message may go out. Throws a retryable ProviderError where that is too long to wait for. */
export type Pace = () => Promise<void>

/**
 * Keeps the messages of this process apart, in their order, by `delayMs` and up to half as much again: WhatsApp bans those
 * who write like a machine (https://green-api.com/en/docs/faq/how-to-protect-number-from-ban/). Whoever finds the line too
 * long is told when to come back, each at another time.
 */
export function createPace({
  delayMs,
  clock = () => performance.now(),
  pause = (ms) => setTimeout(ms),
  random = Math.random,
}: {
  delayMs: number
  /** In milliseconds, since whenever. */
  clock?: () => number
  pause?: (ms: number) => Promise<void>
  random?: () => number
}): Pace {
  /** When the next waiting message may go, and when the next one that was told to come back. */
  let free = 0
  let booked = 0
  const gapMs = () => delayMs * (1 + random() / 2)

  return async () => {
    const time = clock()
    const waitMs = Math.max(free - time, 0)
    if (waitMs > longestWaitMs) {
      const comeBack = Math.max(booked, free)
      booked = comeBack + gapMs()
      throw new ProviderError('greenapi', 'retryable', 'greenapi: other messages go first', {
        providerCode: 'paced',
        heldBack: true,
        retryAfterMs: comeBack - time,
      })
    }
    free = time + waitMs + gapMs()
    if (waitMs > 0) await pause(waitMs)
  }
}
