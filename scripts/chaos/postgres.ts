import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { z } from 'zod'
import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'

export interface Postgres {
  /** A migrated database of this name; gives its URL. */
  database(name: string): Promise<string>
  /** Ends it at once, as a power cut would; resolves when it is gone. */
  crash(): Promise<void>
  /** Resolves when it takes connections again. */
  start(): Promise<void>
  close(): Promise<void>
}

const said = z.object({ url: z.string().optional(), done: z.string().optional() })

/** A PostgreSQL that may be crashed and started again. */
export async function startPostgres(): Promise<Postgres> {
  const file = fileURLToPath(new URL('postgres-host.ts', import.meta.url))
  const host = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface(host.stdout)[Symbol.asyncIterator]()
  const { url } = await answer(answers)
  if (url === undefined)
    throw new Error('chaos: PostgreSQL did not start (was npm ci run with --ignore-scripts?)')
  const order = async (word: string) => {
    host.stdin.write(`${word}\n`)
    await answer(answers)
  }
  return {
    crash: () => order('crash'),
    start: () => order('start'),
    close: () => closed(host),
    async database(name) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      const at = new URL(url)
      at.pathname = `/${name}`
      const connection = await connectForMigration(at.href)
      await migrate(connection)
      await connection.close()
      return at.href
    },
  }
}

async function answer(lines: AsyncIterator<string>): Promise<z.infer<typeof said>> {
  for (let next = await lines.next(); !next.done; next = await lines.next())
    if (next.value.startsWith('{')) return said.parse(JSON.parse(next.value))
  throw new Error('chaos: the host of PostgreSQL has ended')
}

async function closed(host: ChildProcess): Promise<void> {
  const ended = once(host, 'exit')
  host.stdin?.end()
  await ended
}

/** Rows of one query on a connection of its own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows
  } finally {
    await client.end()
  }
}
