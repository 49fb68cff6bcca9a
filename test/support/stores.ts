import { PGlite } from '@electric-sql/pglite'
import { migrate } from '#src/store/migrate.ts'
import { createPgliteDatabase, pgliteConnection } from '#src/store/pglite.ts'
import { repeatCollisions } from '#src/store/repeat.ts'
import { createStore } from '#src/store/store.ts'
import { createSupabaseDatabase } from '#src/store/supabase.ts'
import { type Row, type TestStore, testDatabase } from './database.ts'
import { secretKey, startSupabaseLite } from './supabase-lite.ts'

/** A store by each driver, for suites that all of them must pass. */
export const testStores: readonly { name: string; slow: boolean; open: () => Promise<TestStore> }[] = [
  { name: 'postgres', slow: false, open: testDatabase },
  { name: 'pglite', slow: false, open: openPglite },
  { name: 'supabase', slow: true, open: openSupabase },
]

async function openPglite(): Promise<TestStore> {
  const pglite = await PGlite.create()
  await migrate(pgliteConnection(pglite))
  const database = repeatCollisions(createPgliteDatabase(pglite, 'embedded database in memory'))
  return {
    database,
    store: createStore(database),
    query: async (sql, params) => (await pglite.query<Row>(sql, params)).rows,
    drop: () => database.close(),
  }
}

async function openSupabase(): Promise<TestStore> {
  const behind = await testDatabase()
  const lite = await startSupabaseLite(behind.url)
  const database = repeatCollisions(createSupabaseDatabase(lite.url, secretKey))
  return {
    database,
    store: createStore(database),
    query: behind.query,
    async drop() {
      await lite.close()
      await behind.drop()
    },
  }
}

const tables = [
  'jobs',
  'escalation_steps',
  'escalations',
  'message_payloads',
  'message_attempts',
  'message_events',
  'messages',
  'idempotency_keys',
  'quarantined_events',
  'suppressions',
  'provider_states',
  'provider_turns',
  'contact_aliases',
  'whatsapp_templates',
]

/** Empties the tables between two tests of one database: of a few rows each, which to truncate takes ten times as long. */
export async function emptied({ query }: TestStore): Promise<void> {
  const deletes = tables.map((table) => `${table}_gone as (delete from ${table})`)
  await query(`with ${deletes.join(', ')} select 1`)
  // Last: that messages are gone is to be counted too.
  await query(`with counts_gone as (delete from message_counts), unsettled as (update events_settled set until = '-infinity')
    delete from message_recounts`)
}
