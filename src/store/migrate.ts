import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'
import { alsoApplied } from './also-applied.ts'
import { applyConcurrently, concurrentFiles, transactional } from './concurrently.ts'
import { StoreError } from './database.ts'
import { lockHolder } from './lock-holder.ts'
import type { MigrationConnection } from './migration-connection.ts'
import { migrationLockWaitMs, migrationPauseMs, migrationTries } from './migration-patience.ts'
import { functionsMigration, ledgerMigration, type Migration, numberedMigrations } from './migrations.ts'
import type { Store } from './store.ts'

const names = z.array(z.object({ name: z.string() }))
const raised = z.object({ code: z.literal('P0001'), message: z.string() })
/** A lock was not to be had in time, or two waited for each other: nothing was done. */
const hindered = z.object({ code: z.enum(['55P03', '40P01']) })

/** How often a migration tries for its locks, how long it lets others go on before, and where it says for whom it waits. */
export interface MigrationPatience {
  tries?: number
  pauseMs?: number
  say?(line: string): void
}

/**
 * Brings a database up to date in one transaction, safely when several do so at once; then, outside of it, by the files
 * that are to be applied concurrently. Gives the names of the files that it applied. What reads and writes meanwhile waits for
 * a moment at most: where somebody holds a lock for longer, the migration lets all others go on and tries again. Throws
 * ConfigurationError where that somebody does not end, the database is newer than the code, or a shipped file was changed.
 */
export async function migrate(
  connection: MigrationConnection,
  files: readonly Migration[] = numberedMigrations(),
  patience: MigrationPatience = {},
): Promise<string[]> {
  const apart = await concurrentFiles(connection, files)
  const together = files.filter((file) => !apart.includes(file))
  return [
    ...(await patiently(connection, patience, () => inTransaction(connection, together))),
    ...(await patiently(connection, patience, () => applyConcurrently(connection, apart))),
  ]
}

async function patiently<T>(
  connection: MigrationConnection,
  { tries = migrationTries, pauseMs = migrationPauseMs, say = () => {} }: MigrationPatience,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (cause) {
      if (!hindered.safeParse(cause).success) throw cause
      const { who, remedy } = await lockHolder(connection)
      if (attempt === tries)
        throw new ConfigurationError(`migrations: ${who} did not let go (${remedy}, then run it again)`, {
          cause,
        })
      say(`waits for ${who} and tries again in ${Math.ceil(pauseMs / 1_000)} s (${attempt} of ${tries})`)
      await pause(pauseMs)
    }
  }
}

async function inTransaction(
  connection: MigrationConnection,
  files: readonly Migration[],
): Promise<string[]> {
  await connection.exec('begin')
  try {
    await connection.exec(printMigrations(files))
    const applied = await connection.exec(
      'select name from schema_migrations where xmin = pg_current_xact_id()::xid order by version = 0, version',
    )
    await connection.exec('commit')
    return names.parse(applied).map(({ name }) => name)
  } catch (error) {
    await connection.exec('rollback').catch(() => {})
    const exception = raised.safeParse(error)
    throw exception.success ? new ConfigurationError(`migrations: ${exception.data.message}`) : error
  }
}

const ledger = z.array(z.object({ version: z.number(), digest: z.string() }))

/** The names of the files that `migrate` would apply, in their order; nothing is changed. */
export async function pendingMigrations(connection: MigrationConnection): Promise<string[]> {
  const [found] = await connection.exec("select to_regclass('public.schema_migrations') is not null as there")
  const { there } = z.object({ there: z.boolean() }).parse(found)
  const rows = there ? await connection.exec('select version, digest from schema_migrations') : []
  const digests = new Map(ledger.parse(rows).map(({ version, digest }) => [version, digest]))
  const functions = functionsMigration()
  return [
    ...numberedMigrations().filter(({ version }) => !digests.has(version)),
    ...(digests.get(functions.version) === functions.digest ? [] : [functions]),
  ].map(({ name }) => name)
}

/** What this code expects of a database: the highest migration and the digest of the functions. */
export function expectedSchema(): { version: number; functions: string } {
  return { version: newest(numberedMigrations()), functions: functionsMigration().digest }
}

/** Undefined where the database is as this code expects it; else one line that says what is wrong and what to run. */
export async function schemaMismatch(
  store: Pick<Store, 'name' | 'schemaVersion'>,
): Promise<string | undefined> {
  const expected = expectedSchema()
  const remedy =
    'run: npm run migrate (or paste what npm run migrate -- --print gives into the Supabase SQL editor)'
  const actual = await store.schemaVersion().catch((error) => {
    if (error instanceof StoreError && noSuchFunction.has(error.sqlstate)) return undefined
    throw error
  })
  if (actual === undefined || actual.version === null)
    return `${store.name}: the schema is missing; ${remedy}`
  if (actual.version > expected.version)
    return `${store.name}: the schema (version ${actual.version}) is newer than this code (version ${expected.version}); run the newer code (npm run migrate would refuse)`
  if (actual.version < expected.version)
    return `${store.name}: the schema has version ${actual.version}, this code needs ${expected.version}; ${remedy}`
  if (actual.functions !== expected.functions)
    return `${store.name}: the SQL functions are not those of this code; ${remedy}`
  return undefined
}

// Postgres's word and PostgREST's for a function that is not there.
const noSuchFunction = new Set(['42883', 'PGRST202'])

/**
 * All migrations as one SQL text: for `migrate`, and for the Supabase SQL editor. One statement does it all or nothing;
 * what the database has already is left alone, so that it may be run again and on a database of any age.
 */
export function printMigrations(files: readonly Migration[] = numberedMigrations()): string {
  const version = newest(files)
  return `-- max-comms, schema version ${version}. May be run again, and on an older database.
do $max_comms$
declare
  newest integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('max-comms migrations', 0));
  perform set_config('search_path', 'public', true);
  -- Whoever comes after it waits for a lock for which this waits.
  perform set_config('lock_timeout', '${migrationLockWaitMs}ms', true);
  if to_regclass('public.schema_migrations') is null then
    ${execute(ledgerMigration())}
  end if;
  select max(version) into newest from schema_migrations;
  if newest > ${version} then
    raise exception 'the schema (version %) is newer than this code (version ${version}): run the newer code', newest;
  end if;
  -- In the order in which running processes take them: they wait for this, and it for them, but not both.
  if newest < ${version} and to_regclass('public.message_events') is not null then
    lock table message_events, messages;
  end if;
${files.map(ifMissing).join('')}${ifOther(functionsMigration())}end
$max_comms$;
notify pgrst, 'reload schema';
`
}

function newest(files: readonly Migration[]): number {
  return files.at(-1)?.version ?? 0
}

function ifMissing(file: Migration): string {
  const known = [file.digest, ...(alsoApplied.get(file.name) ?? [])].map((digest) => `'${digest}'`)
  return `
  if exists (select from schema_migrations where version = ${file.version} and digest not in (${known.join(', ')})) then
    raise exception '${file.name} was changed after this database had it: restore it, write the change as a new file';
  end if;
  if not exists (select from schema_migrations where version = ${file.version}) then
    ${execute(file)}
    ${applied(file)};
  end if;
`
}

function ifOther(file: Migration): string {
  return `
  if not exists (select from schema_migrations where version = ${file.version} and digest = '${file.digest}') then
    ${execute(file)}
    ${applied(file)}
    on conflict (version) do update set name = excluded.name, digest = excluded.digest, applied_at = now();
  end if;
`
}

function execute(file: Migration): string {
  return `execute $max_comms_file$\n${transactional(file)}$max_comms_file$;`
}

function applied(file: Migration): string {
  return `insert into schema_migrations (version, name, digest) values (${file.version}, '${file.name}', '${file.digest}')`
}
