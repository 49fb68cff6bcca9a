import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate, printMigrations } from '#src/store/migrate.ts'
import { numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type TestDatabase } from '#support/database.ts'
import { customer, event, record, timeline } from '#support/facts.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

let opened: TestDatabase
beforeEach(async () => {
  opened = await emptyDatabase()
  const before = numberedMigrations().filter(({ version }) => version < 14)
  await opened.query(`${supabaseDefaults} set check_function_bodies to off; ${printMigrations(before)}`)
})
afterEach(() => opened?.drop())

it.each([
  ['its first message went to', customer],
  ['its step goes to', 'anna@example.com'],
])('an escalation from before it knew its people is stopped by whom %s', async (_who, sender) => {
  const id = crypto.randomUUID()
  await opened.query(
    `with first as (
       insert into messages (id, tenant_id, channel, direction, provider, recipient, parent_type, parent_id, attempts, phase,
         escalation_id, created_at, updated_at, queued_at)
       values ($1, 'acme', 'sms', 'outbound', 'twilio', $2, 'Meeting', 'm1', 1, 'queued', $1, now(), now(), now())
     ), made as (
       insert into escalations (id, tenant_id, created_at) values ($1, 'acme', now())
     )
     insert into escalation_steps (escalation_id, number, channel, after_seconds, unless, request)
     values ($1, 1, 'email', 60, 'read', '{"message": {"to": "Anna@Example.com"}}')`,
    [id, customer],
  )
  const connection = await connectForMigration(opened.url)
  await migrate(connection)
  await connection.close()
  const now = new Date(Date.now() + 1_000)
  const inbound = { sender, recipient: '+33700000000', text: 'Non' }
  await record(opened.store, [event({ type: 'received', inbound, occurredAt: now })])
  expect((await timeline(opened.store, id)).escalation).toMatchObject({ stopped: 'answered' })
  expect(await opened.query('select parent_type, parent_id from escalations where id = $1', [id])).toEqual([
    { parent_type: 'Meeting', parent_id: 'm1' },
  ])
})
