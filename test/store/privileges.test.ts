import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '#src/store/migrate.ts'
import { numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type Row, type TestDatabase, testDatabase } from '#support/database.ts'
import { event, record, reserve } from '#support/facts.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

const strangers = ['anon', 'authenticated'] as const
/** What holds bodies or attachments: only comms_reader_full may read these columns. */
const hidden: Record<string, string[]> = {
  messages: ['text', 'media'],
  message_events: ['raw', 'raw_text'],
  quarantined_events: ['bytes'],
  escalation_steps: ['request'],
  message_payloads: ['payload'],
}
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
  'messages_without_bodies',
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

  it('may do nothing with a table or a function that is made later, in whatever schema', async () => {
    await opened.query(`create table added_later (id integer);
      create function made_later() returns integer language sql as 'select 1';
      create schema elsewhere;
      grant usage on schema elsewhere to public;
      create function elsewhere.made_later() returns integer language sql as 'select 1'`)
    expect(await openTo(opened, role)).toEqual([])
    for (const name of ['made_later', 'elsewhere.made_later'])
      expect(await refusal(role, `select ${name}()`)).toBe('42501')
    await opened.query('drop table added_later; drop function made_later(); drop schema elsewhere cascade')
  })
})

it('the same look finds what is open: the tables before their privileges are taken', async () => {
  const bare = await emptyDatabase()
  const connection = await connectForMigration(bare.url)
  await connection.exec(supabaseDefaults)
  await migrate(
    connection,
    // The last writes the second's view anew.
    numberedMigrations().filter(({ version }) => ![2, 23, 30].includes(version)),
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
    for (const relation of readable.filter((name) => !hidden[name]))
      await asRole('comms_reader', `select * from ${relation}`)
  })

  it('reads every column but those that hold bodies and attachments', async () => {
    const columns = await opened.query(
      `select c.relname as relation, a.attname as name, has_column_privilege('comms_reader', c.oid, a.attnum, 'select') as shown
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relname = any ($1)`,
      [readable],
    )
    const closed = columns
      .filter(({ shown }) => shown !== true)
      .map(({ relation, name }) => `${relation}.${name}`)
    const bodies = Object.entries(hidden).flatMap(([relation, names]) =>
      names.map((name) => `${relation}.${name}`),
    )
    expect(closed.toSorted()).toEqual(bodies.toSorted())
    for (const body of bodies)
      expect([body, await refusal('comms_reader', `select ${body} from ${body.split('.')[0]}`)]).toEqual([
        body,
        '42501',
      ])
  })

  it('is told nothing by the views of what was told, nor by their functions; comms_reader_full is, word for word', async () => {
    const told = `select raw as told from once_only_events
      union all select event_data from whatsapp_message_events
      union all select event_told(id) from message_events
      union all select to_jsonb(event_told_exactly(id)) from message_events where event_told_exactly(id) is not null`
    const whole = [
      { told: { type: 'delivered' } },
      { told: { type: 'delivered' } },
      { told: { type: 'delivered' } },
    ]
    expect(await asRole('comms_reader', told)).toEqual([{ told: null }, { told: null }, { told: null }])
    for (const role of ['comms_reader_full', 'service_role']) expect(await asRole(role, told)).toEqual(whole)
    expect(await opened.query(told)).toEqual(whole)
  })

  it('reads bodies and attachments as comms_reader_full, and writes nothing', async () => {
    for (const relation of readable) {
      await asRole('comms_reader_full', `select * from ${relation}`)
      expect(['42501', '55000']).toContain(await refusal('comms_reader_full', `delete from ${relation}`))
    }
    expect(await asRole('comms_reader_full', 'select payload from message_payloads')).toHaveLength(1)
    expect(await asRole('comms_reader_full', 'select text from messages')).toEqual([{ text: 'Hi' }])
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
