import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { query } from '../scripts/postgres/query.ts'
import { supabaseDefaults } from '../scripts/schema/supabase-defaults.ts'
import type { Query } from './seed.ts'

/** A database of its own on the server, migrated and empty. */
export interface BenchDatabase {
  url: string
  query: Query
  /** What was written lies on the disk and is analysed: the next row does not pay for it. */
  settle(): Promise<void>
  drop(): Promise<void>
}

const auditTable = `
  create table audit_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id varchar(50),
    message_sid varchar(34) not null,
    lead_id varchar(17),
    phone_number varchar(20),
    event_type varchar(20) not null,
    event_data jsonb,
    created_at timestamp default now()
  );
  create index audit_events_message_sid on audit_events (message_sid);
  create index audit_events_lead_id on audit_events (lead_id);
  create index audit_events_event_type on audit_events (event_type);
`

let made = 0

export async function makeDatabase(serverUrl: string): Promise<BenchDatabase> {
  const name = `max_comms_bench_${process.pid}_${made++}`
  await query(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const connection = await connectForMigration(url.href)
  await connection.exec(supabaseDefaults)
  await migrate(connection)
  await connection.exec(auditTable)
  await connection.close()
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  return {
    url: url.href,
    async query(text, values = []) {
      const { rows } = await client.query<Record<string, unknown>>(text, values)
      return rows
    },
    async settle() {
      await client.query('vacuum analyze')
      await client.query('checkpoint')
      // The disk may still be busy with what the checkpoint gave it.
      await pause(500)
    },
    async drop() {
      await client.end()
      await query(serverUrl, `drop database ${name} with (force)`)
    },
  }
}
