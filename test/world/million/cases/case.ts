import type { Store } from '#src/store/store.ts'

/** One way in which the house asks its memory; told how often it did before, so that no two ask for the same. */
export type Case = (store: Store, before: number) => Promise<unknown>

/** By what is special in it. */
export type Cases = Record<string, Case>

export const day = 86_400_000
export const owner = 'this process'

export function daysAgo(days: number): Date {
  return new Date(Date.now() - days * day)
}
