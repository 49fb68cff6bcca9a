import type { Channel } from './message.ts'

/** How long we try, wait and ask: the numbers in one place. */
export const mostAttempts = 8
const firstBackoffMs = 15_000
const longestBackoffMs = 3_600_000

/** How long a provider that recognises repeats does so, with an hour to spare (Resend: 24 h). */
export const repeatableForMs = 23 * 3_600_000

/** When a provider is first asked what became of a message that no webhook has ended. */
export const firstCheckMs: Readonly<Record<Channel | 'unknown', number>> = {
  email: 30 * 60_000,
  whatsapp: 15 * 60_000,
  sms: 15 * 60_000,
  // Green-API's journal may lag by two minutes.
  unknown: 3 * 60_000,
}

/** How long after that it is asked again; the pause doubles each time (claim_checks). */
export const repeatCheckMs = 15 * 60_000

/** Doubles with each attempt, with jitter so that what failed together does not come back together. */
export function backoffMs(tries: number, retryAfterMs = 0, random = Math.random()): number {
  const backoff = Math.min(firstBackoffMs * 2 ** (tries - 1), longestBackoffMs)
  return Math.max(retryAfterMs, backoff) * (1 + random / 4)
}
