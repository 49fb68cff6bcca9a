import { readdirSync } from 'node:fs'
import pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError } from '#src/model/errors.ts'
import { expectedSchema, migrate, printMigrations, schemaMismatch } from '#src/store/migrate.ts'
import { numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type TestDatabase, testDatabase } from '#support/database.ts'

const everyFile = [...numberedMigrations().map(({ name }) => name), 'functions']

let opened: TestDatabase | undefined
afterEach(async () => {
  await opened?.drop()
  opened = undefined
})

describe('migrate', () => {
  it('twenty at once apply each file once', async () => {
    opened = await emptyDatabase()
    const applied = await Promise.all(Array.from({ length: 20 }, () => migrated()))
    expect(applied.filter((names) => names.length > 0)).toEqual([everyFile])
    const rows = await opened.query('select name from schema_migrations order by version = 0, version')
    expect(rows.map(({ name }) => name)).toEqual(everyFile)
    expect(await schemaMismatch(opened.store)).toBeUndefined()
  })

  it('functions of another digest are replaced in their place; other people’s are left alone', async () => {
    opened = await testDatabase()
    await opened.query(`
      create function of_somebody_else() returns jsonb language sql as 'select null::jsonb';
      create or replace function list_quarantined(before_id bigint, at_most integer) returns jsonb
        language sql as 'select null::jsonb'`)
    const before = await functionsLike('of_somebody_else|list_quarantined')
    await opened.query(release('next'))
    expect(await functionsLike('of_somebody_else|list_quarantined')).toEqual(before)
    expect(await opened.store.listQuarantined({ limit: 1 })).toEqual([])
  })

  it('a function that is made no more stays for the next release, not for the one after it', async () => {
    opened = await emptyDatabase()
    await opened.query(`begin; ${release('first')} ${madeNoMore}; commit`)
    await opened.query(release('second'))
    expect(await functionsLike('made_no_more')).toHaveLength(1)
    await opened.query(release('third'))
    expect(await functionsLike('made_no_more')).toEqual([])
    expect(await functionsLike('list_quarantined')).toHaveLength(1)
  })

  it('where a backup was read back, which function is of which release is not known: none goes', async () => {
    opened = await testDatabase()
    await opened.query(madeNoMore)
    await opened.query("update schema_migrations set digest = 'older' where version = 0")
    const before = await functionsLike('.*')
    await migrated()
    expect(await functionsLike('.*')).toEqual(before)
    expect(await functionsLike('made_no_more')).toHaveLength(1)
  })

  it('a shipped file that was changed is refused by name', async () => {
    opened = await testDatabase()
    await opened.query("update schema_migrations set digest = 'other' where version = 1")
    await expect(migrated()).rejects.toThrow(/001_messages\.sql was changed after this database had it/)
    await expect(migrated()).rejects.toBeInstanceOf(ConfigurationError)
  })

  it('a database that is newer than the code is refused', async () => {
    opened = await testDatabase()
    await opened.query("insert into schema_migrations values (999, '999_later.sql', 'x')")
    await expect(migrated()).rejects.toThrow(/version 999\) is newer than this code/)
    expect(await schemaMismatch(opened.store)).toMatch(/version 999\) is newer than this code/)
  })

  it('a file that fails leaves nothing behind', async () => {
    opened = await emptyDatabase()
    const broken = { version: 900, name: '900_broken.sql', sql: 'select no_such_thing();\n', digest: 'x' }
    const connection = await connectForMigration(opened.url)
    await expect(migrate(connection, [...numberedMigrations(), broken])).rejects.toThrow(/no_such_thing/)
    await connection.close()
    expect(await opened.query("select 1 from pg_class where relname = 'messages'")).toEqual([])
  })
})

it('a process that records meanwhile and a migration wait for each other in one order only', async () => {
  opened = await emptyDatabase()
  await opened.query(`set check_function_bodies to off; ${printMigrations(numberedMigrations().slice(0, 2))}`)
  await opened.query("update schema_migrations set digest = 'older' where version = 0")
  const recording = new pg.Client({ connectionString: opened.url })
  await recording.connect()
  await recording.query('begin; lock table message_events in row exclusive mode')
  const migration = migrated()
  await vi.waitFor(waits, { timeout: 10_000 })
  await recording.query('lock table messages in row exclusive mode; commit')
  await recording.end()
  // Those that are made beside writers come last.
  expect((await migration).toSorted()).toEqual(everyFile.slice(2).toSorted())
})

async function waits(): Promise<void> {
  expect(await opened?.query('select from pg_locks where not granted')).toHaveLength(1)
}

describe('the SQL to paste', () => {
  it('makes a database that the boot accepts, also when pasted twice', async () => {
    opened = await emptyDatabase()
    await opened.query(printMigrations())
    await opened.query(printMigrations())
    expect(await schemaMismatch(opened.store)).toBeUndefined()
    expect(await migrated()).toEqual([])
  })

  it('brings an older database up to date', async () => {
    opened = await emptyDatabase()
    // An older release's functions would know of no later table: today's are made without a look at their bodies.
    const first = printMigrations(numberedMigrations().slice(0, 1))
    await opened.query(`set check_function_bodies to off; ${first}`)
    await opened.query("update schema_migrations set digest = 'older' where version = 0")
    expect(await schemaMismatch(opened.store)).toMatch(/has version 1, this code needs/)
    await opened.query(printMigrations())
    expect(await schemaMismatch(opened.store)).toBeUndefined()
  })

  it('works where the editor’s search path names another schema first', async () => {
    opened = await emptyDatabase()
    await opened.query('create schema elsewhere')
    await opened.query(`set search_path to elsewhere, public; ${printMigrations()}`)
    expect(await schemaMismatch(opened.store)).toBeUndefined()
  })
})

describe('the look at boot', () => {
  it('names the command where the schema is missing', async () => {
    opened = await emptyDatabase()
    expect(await schemaMismatch(opened.store)).toMatch(/the schema is missing; run: npm run migrate/)
  })

  it('names the command where the functions are of another release', async () => {
    opened = await testDatabase()
    await opened.query("update schema_migrations set digest = 'older' where version = 0")
    expect(await schemaMismatch(opened.store)).toMatch(
      /functions are not those of this code; run: npm run migrate/,
    )
  })

  it('expects the last numbered file', () => {
    const numbers = readdirSync(new URL('../../migrations', import.meta.url)).map((name) =>
      Number.parseInt(name, 10),
    )
    expect(expectedSchema().version).toBe(Math.max(...numbers.filter(Number.isInteger)))
  })
})

const madeNoMore = `
  create function made_no_more() returns jsonb language sql as 'select null::jsonb';
  comment on function made_no_more() is 'max-comms'`

/** The migration of a release that has today's functions under another digest. */
function release(digest: string): string {
  return printMigrations().replaceAll(expectedSchema().functions, digest)
}

async function functionsLike(pattern: string): Promise<unknown[]> {
  const sql = `select oid::integer, proname from pg_proc where proname ~ $1 and pronamespace = 'public'::regnamespace order by oid`
  return (await opened?.query(sql, [`^(${pattern})$`])) ?? []
}

async function migrated(): Promise<string[]> {
  const connection = await connectForMigration(opened?.url ?? '')
  try {
    return await migrate(connection)
  } finally {
    await connection.close()
  }
}
