import pg from 'pg'
import type { Attached } from '#src/model/attached.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import type { Json } from '#src/model/json.ts'
import { pieces } from '#src/model/pieces.ts'
import { databaseAnswersMs } from '#src/patience.ts'
import { callFailed, type InParts, sqlCall } from './call.ts'
import type { Database, StoreError } from './database.ts'
import type { MigrationConnection } from './migration-connection.ts'

const connectTimeoutMs = 5_000
/** A fresh connection plans each function for its first call, which takes the database some 100 ms: what comes at intervals finds one. */
const idleConnectionMs = 180_000

/**
 * PostgreSQL by a pool of connections. Works behind a transaction pooler (PgBouncer, Supavisor): no named statements, no
 * session state, no start-up parameters.
 */
export function createPostgresDatabase(
  databaseUrl: string,
  options: { connections?: number; timeoutMs?: number } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.connections ?? 10,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleConnectionMs,
    query_timeout: options.timeoutMs ?? databaseAnswersMs,
    keepAlive: true,
  })
  // An idle connection that the server ends is dropped by the pool; without a listener it would end our process.
  pool.on('error', () => {})
  return {
    name: postgresName(databaseUrl),
    close: () => pool.end(),
    async call(sqlFunction, args) {
      try {
        const { rows } = await pool.query<{ result: Json }>(await oneByOne(sqlCall(sqlFunction, args)))
        return rows[0]?.result ?? null
      } catch (error) {
        throw failure(sqlFunction, error)
      }
    },
  }
}

/** A call as pg takes it: JSON in parts as one jsonb, in PostgreSQL's own writing (a version, then the text). */
async function oneByOne({ text, values }: { text: string; values: InParts[] }) {
  const whole: unknown[] = []
  for (const value of values) whole.push(Array.isArray(value) ? await jsonb(value) : value)
  return { text, values: whole }
}

const jsonbVersion = 1

/** Brought together by and by: to copy 24 MB in one go holds everybody up for 100 ms. */
async function jsonb(parts: readonly Attached[]): Promise<Buffer> {
  const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 1)
  const whole = Buffer.allocUnsafeSlow(bytes)
  let at = whole.writeUInt8(jsonbVersion)
  for (const part of parts)
    for await (const piece of pieces(part)) {
      const written = typeof piece === 'string' ? Buffer.from(piece) : piece
      whole.set(written, at)
      at += written.length
    }
  return whole
}

/** One connection to bring a database up to date; `close` ends it. */
export async function connectForMigration(
  databaseUrl: string,
): Promise<MigrationConnection & { close(): Promise<void> }> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectTimeoutMs,
  })
  client.on('error', () => {})
  await client.connect()
  return {
    async exec(sql) {
      // Several statements in one text answer with an array, which pg's types do not tell.
      const answer: unknown = await client.query(sql)
      const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer
      return last instanceof pg.Result ? last.rows : []
    },
    close: () => client.end(),
  }
}

/** `PostgreSQL at host/database`, without credentials. Throws ConfigurationError where the URL cannot be read. */
export function postgresName(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) throw new ConfigurationError('database: DATABASE_URL is not a URL')
  const url = new URL(databaseUrl)
  return `PostgreSQL at ${url.host}${url.pathname}`
}

function failure(sqlFunction: string, error: unknown): StoreError {
  if (error instanceof pg.DatabaseError) return callFailed(sqlFunction, error.code ?? 'XX000', error.message)
  // pg's own errors and the socket's have no SQLSTATE.
  const message = error instanceof Error ? error.message : ''
  if (message === 'Query read timeout') return callFailed(sqlFunction, '57014', 'took too long')
  if (error instanceof TypeError || error instanceof RangeError)
    return callFailed(sqlFunction, 'XX000', error.name)
  return callFailed(sqlFunction, '08006', 'the database could not be reached')
}
