import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { hostPostgres } from '../postgres/hosted.ts'
import { query } from '../postgres/query.ts'

export interface Postgres {
  /** A database of this name, migrated by `migrateTo`; gives its URL. */
  database(name: string, migrateTo?: (url: string) => Promise<void>): Promise<string>
  /** Ends it at once, as a power cut would; resolves when it is gone. */
  crash(): Promise<void>
  /** Resolves when it takes connections again. */
  start(): Promise<void>
  close(): Promise<void>
}

/** A PostgreSQL that keeps its promises (fsync is on) and may be crashed and started again. */
export async function startPostgres(): Promise<Postgres> {
  const { url, crash, start, stop } = await hostPostgres({ max_connections: '200' })
  return {
    crash,
    start,
    close: stop,
    async database(name, migrateTo = migrateHere) {
      await query(url, `create database ${name}`)
      const at = new URL(url)
      at.pathname = `/${name}`
      await migrateTo(at.href)
      return at.href
    },
  }
}

/** To what this release expects. */
export async function migrateHere(url: string): Promise<void> {
  const connection = await connectForMigration(url)
  await migrate(connection)
  await connection.close()
}
