import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { MigrationPatience } from '#src/store/migrate.ts'
import type { Migration } from '#src/store/migrations.ts'
import { event, record } from '#support/facts.ts'
import { migrated, next, readDatabase } from './read-database.ts'

const { opened, reader } = readDatabase()
const apply = (files: Migration[], patience?: MigrationPatience) => migrated(opened(), files, patience)

/** Writes one event after the other until told to stop; gives how long each took. */
function writing() {
  const tookMs: number[] = []
  let stopped = false
  const ended = (async () => {
    while (!stopped) {
      const startedAt = performance.now()
      await record(opened().store, [event()])
      tookMs.push(performance.now() - startedAt)
    }
  })()
  return {
    tookMs,
    async stop() {
      stopped = true
      await ended
    },
  }
}

describe('somebody who reads and does not end', () => {
  beforeEach(() => reader().query(`begin; select 'a-question' from messages limit 1`))

  it('delays the migration; all others write on meanwhile, and wait for a moment at most', async () => {
    const said: string[] = []
    const writes = writing()
    const migration = apply([next], { say: (line) => said.push(line) })
    await vi.waitFor(() => expect(said).toHaveLength(1), 20_000)
    const before = writes.tookMs.length
    await vi.waitFor(() => expect(writes.tookMs.length).toBeGreaterThan(before + 20), 20_000)
    await reader().query('commit')
    expect(await migration).toEqual(['900_next.sql'])
    await writes.stop()
    // As long as the migration waits for its lock, and what the machine takes.
    expect(Math.max(...writes.tookMs)).toBeLessThan(4_000)
    expect(said[0]).toMatch(
      /^waits for process \d+ \(dashboard, idle in transaction for \d+ s\), which holds a lock on messages, and tries again in 3 s \(1 of 10\)$/,
    )
  })

  it('for ever, ends it in one line that says who it is and what ends that; nothing was done', async () => {
    const ended = apply([next], { tries: 2, pauseMs: 10 })
    await expect(ended).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(
        /^migrations: process (\d+) \(dashboard, idle in transaction for \d+ s\), which holds a lock on messages, did not let go \(end it: select pg_terminate_backend\(\1\), then run it again\)$/,
      ),
    })
    expect(await opened().query('select from schema_migrations where version = 900')).toEqual([])
    expect(await opened().query(`select from pg_locks where mode = 'AccessExclusiveLock'`)).toEqual([])
    await reader().query('rollback')
    expect(await apply([next])).toEqual(['900_next.sql'])
  })
})
