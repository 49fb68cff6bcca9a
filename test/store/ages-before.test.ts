import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate, printMigrations } from '#src/store/migrate.ts'
import { numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type TestDatabase } from '#support/database.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

const hour = 3_600_000
const now = Date.now()
const hoursAhead = (hours: number) => new Date(now + hours * hour)

let opened: TestDatabase
beforeEach(async () => {
  opened = await emptyDatabase()
  const before = numberedMigrations().filter(({ version }) => version < 21)
  await opened.query(`${supabaseDefaults} set check_function_bodies to off; ${printMigrations(before)}`)
})
afterEach(() => opened?.drop())

/** One that was asked for an hour ago, before there was an age by purpose; these columns are otherwise. */
async function kept(columns: Record<string, unknown> = {}): Promise<string> {
  const row = {
    id: crypto.randomUUID(),
    tenant_id: 'acme',
    channel: 'sms',
    direction: 'outbound',
    provider: 'twilio',
    recipient: '+33612345678',
    phase: 'queued',
    next_attempt_at: hoursAhead(0.2),
    created_at: hoursAhead(-1),
    updated_at: hoursAhead(-1),
    ...columns,
  }
  const names = Object.keys(row)
  await opened.query(
    `insert into messages (${names}) values (${names.map((_name, index) => `$${index + 1}`)})`,
    Object.values(row),
  )
  return row.id
}

async function attempted(id: string, ended: boolean): Promise<void> {
  await opened.query(
    `insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at, ended_at, outcome)
     values ($1, 1, 'twilio', 'worker', now(), now(), ${ended ? "now(), 'accepted'" : 'null, null'})`,
    [id],
  )
}

async function endsAfterMigration(id: string): Promise<unknown> {
  const connection = await connectForMigration(opened.url)
  await migrate(connection)
  await connection.close()
  const [row] = await opened.query(
    'select expires_at, expires_by_default, waits_seconds from messages where id = $1',
    [id],
  )
  return row
}

const never = { expires_at: null, expires_by_default: false, waits_seconds: null }

it.each([
  ['a text', {}, 1],
  ['a WhatsApp message', { channel: 'whatsapp', provider: 'greenapi' }, 1],
  ['an email', { channel: 'email', provider: 'smtp', recipient: 'anna@example.com' }, 48],
  ['a reminder', { parent_type: 'Meeting', parent_id: 'm1' }, 24],
  ['a reminder by its template', { channel: 'whatsapp', template_type: 'appointment' }, 24],
  ['what is about a person', { parent_type: 'Lead', parent_id: 'l1' }, 1],
])(
  '%s that waits since before there were ages has the one that it would have today',
  async (_what, columns, hours) => {
    const id = await kept(columns)
    expect(await endsAfterMigration(id)).toEqual({
      expires_at: hoursAhead(hours - 1),
      expires_by_default: true,
      waits_seconds: hours * 3_600,
    })
  },
)

it('what is scheduled may wait from when it is due', async () => {
  const id = await kept({ phase: 'scheduled', send_at: hoursAhead(5), next_attempt_at: hoursAhead(5) })
  expect(await endsAfterMigration(id)).toMatchObject({ expires_at: hoursAhead(6) })
})

it('what a person had sent again may wait from then', async () => {
  const id = await kept({ created_at: hoursAhead(-300) })
  await opened.query(
    `insert into message_events (provider, event_id, type, provider_type, code, channel, message_id, source, occurred_at, received_at)
     values ('twilio', 'revived', 'queued', 'revived', 'revived', 'sms', $1, 'person', $2, $2)`,
    [id, hoursAhead(-0.5)],
  )
  expect(await endsAfterMigration(id)).toMatchObject({ expires_at: hoursAhead(0.5) })
})

it('what is being sent has its age too, should it be tried again', async () => {
  const id = await kept({ phase: 'sending', next_attempt_at: null, attempts: 1 })
  await attempted(id, false)
  expect(await endsAfterMigration(id)).toMatchObject({ expires_at: hoursAhead(0) })
})

it('what its caller gave an end keeps it', async () => {
  const id = await kept({ expires_at: hoursAhead(9) })
  expect(await endsAfterMigration(id)).toEqual({ ...never, expires_at: hoursAhead(9) })
})

it.each([
  ['is with its provider', { phase: 'queued' }],
  ['is dead', { phase: 'dead' }],
  ['was cancelled', { phase: 'cancelled' }],
])('what %s is as it was', async (_what, columns) => {
  const id = await kept({ ...columns, next_attempt_at: null, attempts: 1 })
  await attempted(id, true)
  expect(await endsAfterMigration(id)).toEqual(never)
})
