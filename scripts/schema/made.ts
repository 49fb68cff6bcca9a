import { PGlite } from '@electric-sql/pglite'
import { migrate } from '#src/store/migrate.ts'
import { pgliteConnection } from '#src/store/pglite.ts'
import { dumpSchema } from './dump.ts'
import { supabaseDefaults } from './supabase-defaults.ts'

/** Where the schema lies in git. */
export const schemaFile = new URL('../../migrations/schema.txt', import.meta.url)

/** The schema that the migrations make, with Supabase's roles, in an embedded database of its own. */
export async function madeSchema(): Promise<string> {
  const pglite = await PGlite.create()
  try {
    const connection = pgliteConnection(pglite)
    await connection.exec(supabaseDefaults)
    await migrate(connection)
    return await dumpSchema((sql) => connection.exec(sql))
  } finally {
    await pglite.close()
  }
}
