import type { Channel } from './model/message.ts'

/** How long we try, wait and ask: the numbers in one place. */
export const mostAttempts = 8
const firstBackoffMs = 15_000
const longestBackoffMs = 3_600_000

/** After so many proofs in a row that a provider takes nothing it is left alone, and asked by one message now and then. */
export const proofsUntilOpen = 3
export const firstOpenMs = 30_000
export const longestOpenMs = 10 * 60_000

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

/** How long work for the CRM waits while it is away, and the longest pause between two tries then. */
export const jobsKeptForMs = 36 * 3_600_000
/** How often one is tried that fails by itself: with the pauses between, for 36 hours too. */
export const mostJobTries = 43
export const longestPauseMs = 5 * 60_000

/**
 * What a provider keeps for a phone that is away is taken back after this time: longer than a phone's restart (Green-API:
 * up to five minutes), shorter than what makes a reminder untrue. Left there it would go out as late as a day after.
 */
export const staleQueueAfterMs = 10 * 60_000
/** How long after that it is looked at again, for what was not given back. */
export const staleQueueEveryMs = 5 * 60_000

/** After we were away ourselves, receipts that were kept waiting may still be under way for as long. */
export const quietAfterOutageMs = 5 * 60_000
