import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { query } from '../../scripts/postgres/query.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

/** Makes a migrated database of this name, with Supabase's roles and default grants, on a server; gives its URL. */
export async function makeDatabase(server: string, name: string): Promise<string> {
  await query(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const connection = await connectForMigration(url.href)
  try {
    await connection.exec(supabaseDefaults)
    await migrate(connection)
  } finally {
    await connection.close()
  }
  return url.href
}
