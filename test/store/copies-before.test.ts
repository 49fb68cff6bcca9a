import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate, printMigrations } from '#src/store/migrate.ts'
import { numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type TestDatabase } from '#support/database.ts'
import { event, record } from '#support/facts.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

let opened: TestDatabase
beforeEach(async () => {
  opened = await emptyDatabase()
  const before = numberedMigrations().filter(({ version }) => version < 22)
  await opened.query(`${supabaseDefaults} set check_function_bodies to off; ${printMigrations(before)}`)
})
afterEach(() => opened?.drop())

it('the copies are known of an email that waits since before there was a table of them', async () => {
  const id = crypto.randomUUID()
  const message = {
    id,
    channel: 'email',
    cc: ['Gone@Example.com', 'to@example.com'],
    bcc: ['gone@example.com'],
  }
  await opened.query(
    `with made as (
       insert into messages (id, tenant_id, channel, direction, provider, recipient, phase, send_at, next_attempt_at,
         created_at, updated_at)
       values ($1, 'acme', 'email', 'outbound', 'smtp', 'to@example.com', 'scheduled', now(), now(), now(), now())
     )
     insert into message_payloads (message_id, payload) values ($1, $2)`,
    [id, JSON.stringify(message)],
  )
  const connection = await connectForMigration(opened.url)
  await migrate(connection)
  await connection.close()
  const gone = { provider: 'sendgrid', channel: 'email', type: 'complained', consent: 'withdrawn' } as const
  await record(opened.store, [event({ ...gone, recipient: 'gone@example.com' })])
  const claiming = { owner: 'worker', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10 }
  expect(await opened.store.claimDue(claiming)).toMatchObject([
    { id, circumstances: { suppressed: undefined, suppressedCopies: ['gone@example.com'] } },
  ])
})
