import type { Database } from './database.ts'
import { repeatCollisions } from './repeat.ts'

export interface DatabaseChoice {
  supabaseUrl?: string | undefined
  supabaseKey?: string | undefined
  databaseUrl?: string | undefined
  dataDir: string
}

/**
 * The database that the configuration names: Supabase, else PostgreSQL, else the embedded one (which is brought up to
 * date here; the others by `npm run migrate`). Loads only the driver in use.
 */
export async function openDatabase(choice: DatabaseChoice): Promise<Database> {
  return repeatCollisions(await open(choice))
}

async function open(choice: DatabaseChoice): Promise<Database> {
  if (choice.supabaseUrl !== undefined && choice.supabaseKey !== undefined) {
    const { createSupabaseDatabase } = await import('./supabase.ts')
    return createSupabaseDatabase(choice.supabaseUrl, choice.supabaseKey)
  }
  if (choice.databaseUrl !== undefined) {
    const { createPostgresDatabase } = await import('./postgres.ts')
    return createPostgresDatabase(choice.databaseUrl)
  }
  const { openEmbedded } = await import('./pglite.ts')
  return openEmbedded(choice.dataDir)
}
