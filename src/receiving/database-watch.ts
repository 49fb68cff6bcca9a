import type { Log } from '#src/runtime/log.ts'

/** The database takes what it is given; it is there, and takes it late (load is not absence); it does not answer. */
export type DatabaseWord = 'there' | 'busy' | 'away'

export type DatabaseWatch = ReturnType<typeof createDatabaseWatch>

/** How the database is, as commits and drains show it. `waits`: whether anything lies on the disk for it. */
export function createDatabaseWatch({ waits, log }: { waits: () => boolean; log: Log }) {
  let shown: DatabaseWord = 'there'
  return {
    /** A commit has not ended in time. That it is away it must say itself, or show by not answering at all. */
    late(found: { events: number }): void {
      if (shown !== 'there') return
      shown = 'busy'
      log.warn('database_busy', found)
    },

    away(found: Record<string, unknown>): void {
      if (shown === 'away') return
      shown = 'away'
      log.error('database_away', found)
    },

    /** It has taken something. One that can only be read answers too, and is not back. */
    took({ records, bytes }: { records: number; bytes: number }): void {
      if (shown !== 'there')
        log.info(shown === 'away' ? 'database_back' : 'database_caught_up', { records, bytes })
      shown = 'there'
    },

    /** Whether what is told now goes to the disk at once, until the database has taken something. */
    diverts: (): boolean => shown !== 'there',

    word: (): DatabaseWord => (shown === 'there' && waits() ? 'busy' : shown),
  }
}
