import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { printMigrations } from '#src/store/migrate.ts'
import { type Migration, numberedMigrations } from '#src/store/migrations.ts'
import { emptyDatabase } from '#support/database.ts'
import { event, record } from '#support/facts.ts'
import { migrated, next, readDatabase } from './read-database.ts'

const later: Migration = {
  version: 901,
  name: '901_indexes.sql',
  sql: `-- concurrently
-- For a question that somebody asks.
create index concurrently if not exists messages_subject on messages (subject);
create index concurrently if not exists events_code
  on message_events (code)
  where code is not null;
`,
  digest: 'later',
}

const { opened, reader } = readDatabase()
const apply = (files: Migration[]) => migrated(opened(), files)

describe('a file to be applied concurrently', () => {
  const valid = async (database = opened()) =>
    (
      await database.query(
        `select indexrelid::regclass::text as name from pg_index
         where indexrelid::regclass::text in ('messages_subject', 'events_code') and indisvalid order by 1`,
      )
    ).map(({ name }) => name)

  it('makes its indexes while others write, and waits for those who began before it', async () => {
    await reader().query('begin isolation level repeatable read; select from messages limit 1')
    const migration = apply([later])
    await vi.waitFor(
      async () =>
        expect(
          await opened().query(`select from pg_stat_activity where query like 'create index concurrently%'
        and datname = current_database() and pid <> pg_backend_pid()`),
        ).toHaveLength(1),
      20_000,
    )
    for (let number = 0; number < 5; number++) await record(opened().store, [event()])
    await reader().query('commit')
    expect(await migration).toEqual(['901_indexes.sql'])
    expect(await valid()).toEqual(['events_code', 'messages_subject'])
    expect(await apply([later])).toEqual([])
  })

  it('is done again after a break: an index that was left unfinished is made anew', async () => {
    await record(opened().store, [event({ code: 'same' }), event({ code: 'same' })])
    const broken = 'create unique index concurrently events_code on message_events (code)'
    await expect(opened().query(broken)).rejects.toThrow(/could not create unique index/)
    expect(await apply([later])).toEqual(['901_indexes.sql'])
    expect(await valid()).toEqual(['events_code', 'messages_subject'])
  })

  it('is applied once by ten at once', async () => {
    const applied = await Promise.all(Array.from({ length: 10 }, () => apply([next, later])))
    expect(applied.flat().toSorted()).toEqual(['900_next.sql', '901_indexes.sql'])
  })

  it('is part of the one transaction where the database is new, and of the SQL to paste', async () => {
    const empty = await emptyDatabase()
    onTestFinished(() => empty.drop())
    expect(printMigrations([...numberedMigrations(), later])).not.toMatch(/index concurrently/)
    expect((await migrated(empty, [later])).slice(-2)).toEqual(['901_indexes.sql', 'functions'])
    expect(await valid(empty)).toEqual(['events_code', 'messages_subject'])
  })

  it('holds indexes only', async () => {
    const other = { ...later, sql: '-- concurrently\nalter table messages add column later text;\n' }
    await expect(apply([other])).rejects.toThrow(/901_indexes\.sql holds more than indexes/)
  })
})
