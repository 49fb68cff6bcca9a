import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { hostPostgres } from '../postgres/hosted.ts'
import { query } from '../postgres/query.ts'

export interface Postgres {
  /** A migrated database of this name; gives its URL. */
  database(name: string): Promise<string>
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
    async database(name) {
      await query(url, `create database ${name}`)
      const at = new URL(url)
      at.pathname = `/${name}`
      const connection = await connectForMigration(at.href)
      await migrate(connection)
      await connection.close()
      return at.href
    },
  }
}
