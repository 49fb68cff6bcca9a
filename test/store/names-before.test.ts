import { afterEach, beforeEach, expect, it } from 'vitest'
import { personNumber } from '#src/model/number-plans.ts'
import { migrate, printMigrations } from '#src/store/migrate.ts'
import { numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type TestDatabase } from '#support/database.ts'
import { newMessage, reserving } from '#support/facts.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

let opened: TestDatabase
beforeEach(async () => {
  opened = await emptyDatabase()
  const before = numberedMigrations().filter(({ version }) => version < 29)
  await opened.query(`${supabaseDefaults} set check_function_bodies to off; ${printMigrations(before)}`)
})
afterEach(() => opened?.drop())

async function migrated(): Promise<void> {
  const connection = await connectForMigration(opened.url)
  await migrate(connection)
  await connection.close()
}

const withdrew = (address: string, at: string, channel = 'whatsapp') =>
  opened.query(
    `insert into suppressions (channel, address, withdrawn_at, reason, provider, updated_at)
     values ($1, $2, $3, 'received', 'twilio', now())`,
    [channel, address, at],
  )

it('whoever said STOP under another writing of the number is not written to under this one', async () => {
  const written = [
    '+5215512345678',
    '+5491123456789',
    '+551187654322',
    '+22997123456',
    '+22507123456',
    '+22545123456',
    '+22541123456',
    '+22520212345',
    '+33692123456',
    '+33639123456',
    '+33690123456',
    '+33694123456',
    '+33596123456',
    '+33612345678',
    '123456789012345@lid',
  ]
  for (const address of written) await withdrew(address, '2026-11-20T10:00:00Z')
  await withdrew('+525512345678', '2026-11-19T10:00:00Z')
  await withdrew('anna@example.com', '2026-11-19T10:00:00Z', 'email')
  await migrated()
  const rows = await opened.query('select address, withdrawn_at, active from suppressions order by address')
  expect(rows.map(({ address }) => address)).toEqual(
    [...written.map(personNumber), 'anna@example.com'].toSorted(),
  )
  expect(rows.every(({ active }) => active)).toBe(true)
  const to = newMessage({ to: '+5215512345678' })
  expect((await opened.store.reserveMessage(to, reserving)).circumstances?.suppressed).toBe('received')
})

it('what waits, and what may still be answered, is of the person by this writing', async () => {
  const sent = (recipient: string, age: string) =>
    opened.query(
      `insert into messages (id, tenant_id, channel, direction, provider, recipient, sender, phase, created_at, updated_at)
       values (gen_random_uuid(), 't1', 'whatsapp', 'outbound', 'twilio', $1, '+14155238886', 'queued', now() - $2::interval, now())`,
      [recipient, age],
    )
  await sent('+5491123456789', '1 day')
  await sent('+5491123456780', '30 days')
  await opened.query(`insert into contact_aliases values ('greenapi', '1@lid', '+551187654322', now())`)
  await migrated()
  expect(await opened.query('select recipient from messages order by created_at')).toEqual([
    { recipient: '+5491123456780' },
    { recipient: '+541123456789' },
  ])
  expect(await opened.query('select alias, address from contact_aliases')).toEqual([
    { alias: '1@lid', address: '+5511987654322' },
  ])
})
