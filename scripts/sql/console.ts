import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import type { Config } from '#src/config.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { holderOf, lockFolder } from '#src/runtime/lock.ts'
import { postgresName } from '#src/store/postgres.ts'
import type { Answer } from './shown.ts'

/** One statement at a time, each in a transaction of its own. */
export interface SqlConsole {
  name: string
  query(statement: string): Promise<Answer>
  close(): Promise<void>
}

/** A single statement with its values apart: what is two statements is refused, and cannot end the transaction. */
type Ask = (text: string) => Promise<Answer>

/** Opens the configured database. Throws ConfigurationError with one line where it cannot be asked. */
export async function openConsole({ database, dataDir }: Config, write: boolean): Promise<SqlConsole> {
  if (database.supabaseUrl !== undefined)
    throw new ConfigurationError(
      "sql: Supabase's API takes no SQL (set DATABASE_URL to its connection string and unset SUPABASE_URL, or use its SQL editor)",
    )
  if (database.databaseUrl !== undefined) return postgres(database.databaseUrl, write)
  return embedded(dataDir, write)
}

async function postgres(databaseUrl: string, write: boolean): Promise<SqlConsole> {
  const name = postgresName(databaseUrl)
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  await client.connect().catch((cause) => {
    throw new ConfigurationError(`${name}: cannot be reached (check the address, and that it runs)`, {
      cause,
    })
  })
  const ask: Ask = async (text) => {
    // The extended protocol takes one statement only; pg's types do not know that it can be asked for.
    const query: pg.QueryArrayConfig & { queryMode: 'extended' } = {
      text,
      rowMode: 'array',
      queryMode: 'extended',
    }
    const result = await client.query<unknown[]>(query)
    return answerOf(result.fields, result.rows, result.rowCount)
  }
  return { name, query: (text) => within(ask, text, write), close: () => client.end() }
}

async function embedded(dataDir: string, write: boolean): Promise<SqlConsole> {
  if (!existsSync(join(dataDir, 'db')))
    throw new ConfigurationError(
      `sql: nothing is kept in ${dataDir} (set DATA_DIR or DATABASE_URL to where it is, or npm run seed)`,
    )
  const lock = lockFolder(dataDir)
  if (!lock)
    throw new ConfigurationError(
      `sql: ${dataDir} is in use by another process (pid ${holderOf(dataDir)}: stop it first; an embedded database takes one at a time)`,
    )
  const pglite = await PGlite.create({ dataDir: join(dataDir, 'db') })
  const ask: Ask = async (text) => {
    const { fields, rows, affectedRows } = await pglite.query<unknown[]>(text, [], { rowMode: 'array' })
    return answerOf(fields, rows, affectedRows ?? null)
  }
  return {
    name: `embedded database in ${dataDir}`,
    query: (text) => within(ask, text, write),
    async close() {
      await pglite.close()
      lock.release()
    },
  }
}

function answerOf(
  fields: readonly { name: string }[],
  rows: readonly unknown[][],
  changed: number | null,
): Answer {
  return { columns: fields.map(({ name }) => name), rows, changed: changed ?? undefined }
}

async function within(ask: Ask, statement: string, write: boolean): Promise<Answer> {
  await ask(write ? 'begin' : 'begin read only')
  try {
    const answer = await ask(statement)
    await ask('commit')
    return answer
  } catch (error) {
    await ask('rollback')
    throw error
  }
}
