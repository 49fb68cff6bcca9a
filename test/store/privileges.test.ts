import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '#src/store/migrate.ts'
import { numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type Row, type TestDatabase, testDatabase } from '#support/database.ts'
import { event, record, reserve } from '#support/facts.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

const strangers = ['anon', 'authenticated'] as const
const readable = [
  'messages',
  'message_events',
  'message_attempts',
  'quarantined_events',
  'whatsapp_templates',
  'message_payloads',
  'message_copies',
  'suppressions',
  'provider_states',
  'contact_aliases',
  'jobs',
  'escalations',
  'escalation_steps',
  'message_counts',
  'message_recounts',
  'events_settled',
  'once_only_events',
  'whatsapp_message_events',
  'sms_message_events',
  'email_events',
]

let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
  const messageId = await reserve(opened.store)
  await record(opened.store, [event({ messageId })])
})
afterAll(() => opened?.drop())

describe.each(strangers)('%s, with the grants that Supabase gives by default', (role) => {
  it('may do nothing with any table, view, sequence or function', async () => {
    expect(await openTo(opened, role)).toEqual([])
  })

  it('is refused when it tries', async () => {
    const relations = await opened.query(relationsSql)
    expect(relations.length).toBeGreaterThan(readable.length)
    for (const { name, kind } of relations) {
      const tries = kind === 'S' ? [`select nextval('${name}')`] : [`select * from ${name}`]
      // A view that cannot be written at all says so before anybody's rights are asked.
      if (kind === 'r') tries.push(`insert into ${name} default values`)
      for (const sql of tries) expect([sql, await refusal(role, sql)]).toEqual([sql, '42501'])
    }
    expect(await refusal(role, 'select schema_version()')).toBe('42501')
  })

  it('may do nothing with a table that a later migration adds', async () => {
    await opened.query('create table added_later (id integer)')
    expect(await openTo(opened, role)).toEqual([])
    await opened.query('drop table added_later')
  })
})

it('the same look finds what is open: the tables before their privileges are taken', async () => {
  const bare = await emptyDatabase()
  const connection = await connectForMigration(bare.url)
  await connection.exec(supabaseDefaults)
  await migrate(
    connection,
    numberedMigrations().filter(({ version }) => version !== 2),
  )
  await connection.close()
  const found = await openTo(bare, 'anon')
  await bare.query('create function left_open() returns integer language sql as $$ select 1 $$')
  const foundLater = await openTo(bare, 'anon')
  await bare.drop()
  expect(found).toEqual(expect.arrayContaining(['messages', 'message_events', 'message_events_id_seq']))
  expect(foundLater).toContain('left_open()')
})

it('functions that are applied again stay closed where the default grants have come back', async () => {
  const again = await testDatabase()
  await again.query("update schema_migrations set digest = 'older' where version = 0")
  const connection = await connectForMigration(again.url)
  await connection.exec(supabaseDefaults)
  await migrate(connection)
  await connection.close()
  const found = await openTo(again, 'anon')
  await again.drop()
  expect(found).toEqual([])
})

describe('comms_reader', () => {
  it('sees the rows of the tables and views', async () => {
    const seen = await asRole('comms_reader', 'select count(*)::integer as seen from messages')
    expect(seen).toEqual([{ seen: 1 }])
    expect(await asRole('comms_reader', 'select event_type from whatsapp_message_events')).toEqual([
      { event_type: 'delivered' },
    ])
    for (const relation of readable) await asRole('comms_reader', `select * from ${relation}`)
  })

  it('writes nothing and calls nothing', async () => {
    for (const relation of readable)
      expect(['42501', '55000']).toContain(await refusal('comms_reader', `delete from ${relation}`))
    expect(await refusal('comms_reader', "update messages set lead_id = 'x'")).toBe('42501')
    expect(
      await refusal('comms_reader', 'select newest_messages(null, null, null, null, null, null, null, 1)'),
    ).toBe('42501')
  })
})

it('service_role may call every function', async () => {
  const functions = await opened.query(
    `select p.oid::regprocedure::text as name, has_function_privilege('service_role', p.oid, 'execute') as granted
     from pg_proc p where p.pronamespace = 'public'::regnamespace`,
  )
  expect(functions.length).toBeGreaterThan(10)
  expect(functions.filter(({ granted }) => granted !== true)).toEqual([])
  await asRole(
    'service_role',
    'select schema_version(), match_parked(null, null, 60, 60, 60, 1, null, null), list_events(null, true, false, null, 1)',
  )
})

it('every table has row-level security, every view runs with its reader’s rights', async () => {
  const loose = await opened.query(
    `select relname from pg_class
     where relnamespace = 'public'::regnamespace
       and (relkind = 'r' and not relrowsecurity
         or relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false))`,
  )
  expect(loose).toEqual([])
})

const relationsSql = `
  select relname as name, relkind::text as kind from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'S', 'f')`

/** Everything of the schema that a role has any privilege on. */
async function openTo({ query }: TestDatabase, role: string): Promise<unknown[]> {
  const open: Row[] = await query(
    `select relation.name from (${relationsSql}) relation
     where case relation.kind
       when 'S' then has_sequence_privilege($1, relation.name, 'usage, select, update')
       else has_table_privilege($1, relation.name, 'select, insert, update, delete, truncate, references, trigger')
         or has_any_column_privilege($1, relation.name, 'select, insert, update, references')
     end
     union all
     select p.oid::regprocedure::text from pg_proc p
     where p.pronamespace = 'public'::regnamespace and has_function_privilege($1, p.oid, 'execute')`,
    [role],
  )
  return open.map(({ name }) => name)
}

async function asRole(role: string, sql: string): Promise<unknown[]> {
  const connection = await connectForMigration(opened.url)
  try {
    await connection.exec(`set role ${role}`)
    return await connection.exec(sql)
  } finally {
    await connection.close()
  }
}

async function refusal(role: string, sql: string): Promise<unknown> {
  return asRole(role, sql).then(
    () => 'allowed',
    (error) => error.code,
  )
}
