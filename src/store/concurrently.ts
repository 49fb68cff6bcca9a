import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'
import type { MigrationConnection } from './migration-connection.ts'
import { concurrentLockWaitMs } from './migration-patience.ts'
import type { Migration } from './migrations.ts'

/**
 * A file whose first line is `-- concurrently` holds indexes of large tables, made and dropped while others write. No
 * transaction can do that: its statements, each on lines of its own, are run one by one, and again after a break.
 */
const mark = '-- concurrently\n'
const statement =
  /^(?:create (?:unique )?index concurrently if not exists|drop index concurrently if exists) (\w+)\b[^;]*$/
const pauseMs = 500

/** Those that the database lacks. A new one has its indexes made with its tables, while they are empty. */
export async function concurrentFiles(
  connection: MigrationConnection,
  files: readonly Migration[],
): Promise<Migration[]> {
  const concurrent = files.filter(({ sql }) => sql.startsWith(mark))
  if (concurrent.length === 0) return []
  const [known] = await connection.exec("select to_regclass('public.schema_migrations') is not null as there")
  if (!z.object({ there: z.boolean() }).parse(known).there) return []
  const rows = await connection.exec('select version from schema_migrations where version > 0')
  const versions = z.array(z.object({ version: z.number() })).parse(rows)
  if (versions.length === 0) return []
  return concurrent.filter((file) => !versions.some(({ version }) => version === file.version))
}

/** A file's SQL as a transaction can run it. */
export function transactional({ sql }: Migration): string {
  return sql.startsWith(mark) ? sql.replaceAll(' index concurrently ', ' index ') : sql
}

/** Applies the files, one process at a time. Gives the names of those that were not applied meanwhile. */
export async function applyConcurrently(
  connection: MigrationConnection,
  files: readonly Migration[],
): Promise<string[]> {
  if (files.length === 0) return []
  await alone(connection)
  try {
    await connection.exec(`set lock_timeout to ${concurrentLockWaitMs}`)
    const applied: string[] = []
    for (const file of files) if (await applyOne(connection, file)) applied.push(file.name)
    return applied
  } finally {
    await connection.exec('reset lock_timeout')
    await connection.exec(`select pg_advisory_unlock(${key})`)
  }
}

const key = "hashtextextended('max-comms indexes', 0)"

/** Tried again and again: a process that waits for a lock in a statement is itself waited for by an index that is made concurrently. */
async function alone(connection: MigrationConnection): Promise<void> {
  for (;;) {
    const [answer] = await connection.exec(`select pg_try_advisory_lock(${key}) as locked`)
    if (z.object({ locked: z.boolean() }).parse(answer).locked) return
    await pause(pauseMs)
  }
}

async function applyOne(connection: MigrationConnection, file: Migration): Promise<boolean> {
  const { version, name, digest } = file
  const known = await connection.exec(`select from schema_migrations where version = ${version}`)
  if (known.length > 0) return false
  const statements = statementsOf(file).map((sql) => ({ sql, index: statement.exec(sql)?.[1] }))
  for (const { sql, index } of statements)
    if (index === undefined)
      throw new ConfigurationError(
        `migrations: ${name} holds more than indexes, made "if not exists" and dropped "if exists": ${sql.slice(0, 60)} (write the rest as another file)`,
      )
  for (const { sql, index = '' } of statements) {
    await dropUnfinished(connection, index)
    await connection.exec(sql)
  }
  await connection.exec(
    `insert into schema_migrations (version, name, digest) values (${version}, '${name}', '${digest}')`,
  )
  return true
}

/** What was broken off leaves an index that is written and never read. */
async function dropUnfinished(connection: MigrationConnection, index: string): Promise<void> {
  const unfinished = await connection.exec(
    `select from pg_index where indexrelid = to_regclass('public.${index}') and not indisvalid`,
  )
  if (unfinished.length > 0) await connection.exec(`drop index concurrently if exists ${index}`)
}

function statementsOf({ sql }: Migration): string[] {
  return sql
    .replaceAll(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
