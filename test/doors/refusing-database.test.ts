import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { testDatabase } from '#support/database.ts'
import { drained, fromSendgrid, knock } from '#support/signed.ts'
import { sendgridEvent, silentNumber } from '#support/told.ts'
import { startWorld } from '#support/world.ts'

// A database that answers, and refuses: the server comes by a role of its own, which is made to be refused.

interface Refusal {
  what: string
  /** What PostgreSQL says then. */
  says: RegExp
  /** SQL that makes it refuse, and that mends it. */
  refuse(role: string): string
  mend(role: string): string
  /** The tables that are held meanwhile: whoever waits for these finds it busy. */
  held?: string
}

const refusals: Refusal[] = [
  {
    what: 'is read-only (25006)',
    says: /read-only transaction/,
    refuse: (role) => `alter role ${role} set default_transaction_read_only to on`,
    mend: (role) => `alter role ${role} reset default_transaction_read_only`,
  },
  {
    what: 'has taken back the rights (42501)',
    says: /permission denied/,
    refuse: (role) => `revoke service_role from ${role}`,
    mend: (role) => `grant service_role to ${role}`,
  },
  {
    what: 'lets the role in no more (28000)',
    says: /not permitted to log in/,
    refuse: (role) => `alter role ${role} nologin`,
    mend: (role) => `alter role ${role} login`,
  },
  {
    what: 'lacks the functions of this release (42883)',
    says: /function reserve_messages.* does not exist/,
    refuse: () => renamed('reserve_messages', 'later_messages') + renamed('record_events', 'later_events'),
    mend: () => renamed('later_messages', 'reserve_messages') + renamed('later_events', 'record_events'),
  },
  {
    what: 'waits for no lock (55P03)',
    says: /lock timeout/,
    refuse: (role) => `alter role ${role} set lock_timeout to '100ms'`,
    mend: (role) => `alter role ${role} reset lock_timeout`,
    held: 'messages, message_events',
  },
]

test.each(refusals)(
  'while the database $what, a send is 503 and a webhook waits on the disk',
  async (refusal) => {
    const { world, role, query, hold } = await opened()
    const send = () => world.ask('POST', '/api/sms/send', { to: silentNumber(), body: 'Hi' })
    expect((await send()).status).toBe(200)
    await drained(world.url)
    const sentBefore = world.sandbox.received().length

    await query(refusal.refuse(role))
    await endConnections(query, role)
    const release = await hold(refusal.held)
    const refused = await send()
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'store_unavailable' } } })
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(lines(world.logLines, 'request_failed')).toEqual([expect.stringMatching(refusal.says)])
    expect(world.sandbox.received()).toHaveLength(sentBefore)
    const told = sendgridEvent({ to: 'a@example.com' }, { event: 'delivered' })
    expect((await knock(world.url, fromSendgrid([told]))).status).toBe(200)
    expect(await (await fetch(`${world.url}/health/ready`)).text()).toContain('spool')
    // Rounds of draining, none of which gets anywhere.
    const asked = vi.spyOn(world.server.store, 'schemaVersion')
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(2), 20_000)
    const [refuses, back] = refusal.held
      ? ['database_busy', 'database_caught_up']
      : ['database_away', 'database_back']
    expect(lines(world.logLines, refuses)).toHaveLength(1)
    expect(lines(world.logLines, back)).toEqual([])

    await release()
    await query(refusal.mend(role))
    await endConnections(query, role)
    await drained(world.url)
    expect(await query(`select from message_events where event_id = '${told.sg_event_id}'`)).toHaveLength(1)
    expect(lines(world.logLines, back)).toHaveLength(1)
    expect((await send()).status).toBe(200)
  },
)

/** A world whose server comes by a role that may do what Supabase's service role may. */
async function opened() {
  const database = await testDatabase()
  const role = `r_${randomUUID().replaceAll('-', '')}`
  await database.query(
    `create role ${role} login bypassrls password 'of-the-test'; grant service_role to ${role}`,
  )
  const url = new URL(database.url)
  Object.assign(url, { username: role, password: 'of-the-test' })
  const world = await startWorld({ environment: { DATABASE_URL: url.href } })
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  onTestFinished(async () => {
    await holder.end()
    await world.stop()
    await database.query(`drop role ${role}`)
    await database.drop()
  })
  const hold = async (tables: string | undefined) => {
    if (tables) await holder.query(`begin; lock table ${tables}`)
    return () => holder.query('rollback')
  }
  return { world, role, query: database.query, hold }
}

/** What a role is made to be holds for its next connections. */
async function endConnections(query: (sql: string, values: unknown[]) => Promise<unknown[]>, role: string) {
  await query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role])
  // The server hears of it a moment later; until then a call may meet a dead connection.
  await vi.waitFor(async () =>
    expect(
      await query(`select from pg_stat_activity where usename = $1 and state <> 'idle'`, [role]),
    ).toEqual([]),
  )
}

function lines(logged: readonly string[], fact: string): string[] {
  return logged.filter((line) => line.includes(`"message":"${fact}"`))
}

/** SQL that gives a function, whatever its arguments, another name. */
function renamed(from: string, to: string): string {
  return `do $$
    declare found regprocedure;
    begin
      for found in select oid from pg_proc where proname = '${from}' loop
        execute format('alter function %s rename to ${to}', found);
      end loop;
    end $$;`
}
