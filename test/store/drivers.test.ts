import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, StoreError } from '#src/store/database.ts'
import { createPostgresDatabase } from '#src/store/postgres.ts'
import { repeatCollisions } from '#src/store/repeat.ts'
import { createSupabaseDatabase } from '#src/store/supabase.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { freePort } from '../../scripts/free-port.ts'

describe('postgres', () => {
  let opened: TestDatabase
  beforeAll(async () => {
    opened = await testDatabase()
    await opened.query(`
      create function sleepy() returns jsonb language sql as $$ select to_jsonb(pg_sleep(30)::text) $$;
      create sequence tries;
      create function collide(times integer) returns jsonb language plpgsql as $$
      begin
        if nextval('tries') < times then raise exception 'deadlock detected' using errcode = '40P01'; end if;
        return to_jsonb(currval('tries'));
      end $$`)
  })
  afterAll(() => opened?.drop())

  it('a server that is not there is away', async () => {
    const database = createPostgresDatabase(`postgresql://u:password@127.0.0.1:${await freePort()}/db`)
    expect(await failure(database, 'schema_version')).toMatchObject({ sqlstate: '08006', away: true })
    await database.close()
  })

  it('a call that takes too long is away, and the pool still works', async () => {
    const database = createPostgresDatabase(opened.url, { connections: 1, timeoutMs: 1_000 })
    expect(await failure(database, 'sleepy')).toMatchObject({ sqlstate: '57014', away: true })
    expect(await database.call('schema_version', {})).toMatchObject({ version: expect.any(Number) })
    await database.close()
  })

  it('connections that the server ends do not end the process, the next call has a new one', async () => {
    const name = 'max-comms-test'
    const url = new URL(opened.url)
    url.searchParams.set('application_name', name)
    const database = createPostgresDatabase(url.href)
    await database.call('schema_version', {})
    const ended = await opened.query(
      `select pg_terminate_backend(pid) as ended from pg_stat_activity
       where application_name = $1 and datname = current_database()`,
      [name],
    )
    expect(ended).toEqual([{ ended: true }])
    // The first call may find the dead connection before its end was heard of: that is "away", not a crash.
    const first = await database.call('schema_version', {}).catch((error: unknown) => error)
    if (first instanceof Error) expect(first).toMatchObject({ away: true })
    expect(await database.call('schema_version', {})).toMatchObject({ version: expect.any(Number) })
    await database.close()
  })

  it('its name tells the host and the database, never the credentials', async () => {
    const database = createPostgresDatabase('postgresql://user:secret@db.example.com:6543/comms')
    expect(database.name).toBe('PostgreSQL at db.example.com:6543/comms')
    await database.close()
  })

  it('a call that collided is made again, at most five times', async () => {
    const database = repeatCollisions(createPostgresDatabase(opened.url))
    expect(await database.call('collide', { times: 4 })).toBe(4)
    expect(await failure(database, 'collide', { times: 1_000 })).toMatchObject({
      sqlstate: '40P01',
      collided: true,
    })
    const [count] = await opened.query('select last_value::integer as last from tries')
    expect(count?.last).toBe(9)
    await database.close()
  })
})

describe('supabase', () => {
  const html = '<html>customer@example.com</html>'

  it.each([
    { status: 503, body: html, sqlstate: '08006', away: true },
    { status: 502, body: '', sqlstate: '08006', away: true },
    { status: 429, body: '{"message":"slow down"}', sqlstate: '53300', away: true },
    { status: 401, body: '{"message":"Invalid API key"}', sqlstate: '28000', away: true },
    { status: 404, body: html, sqlstate: 'XX000', away: false },
    { status: 503, body: '{"code":"PGRST002","message":"schema cache"}', sqlstate: 'PGRST002', away: true },
    { status: 409, body: '{"code":"40P01","message":"deadlock detected"}', sqlstate: '40P01', away: false },
  ])('HTTP $status with $body is $sqlstate', async ({ status, body, sqlstate, away }) => {
    const error = await answeredWith((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
    expect(error).toMatchObject({ sqlstate, away })
    expect(error.message).not.toContain('customer')
  })

  it('an answer that does not come in time is away', async () => {
    expect(await answeredWith(() => {}, 100)).toMatchObject({ sqlstate: '57014', away: true })
  })

  it('a connection that breaks, or is refused, is away', async () => {
    expect(await answeredWith((request) => request.socket.destroy())).toMatchObject({
      sqlstate: '08006',
      away: true,
    })
    const nobody = createSupabaseDatabase(`http://127.0.0.1:${await freePort()}`, 'key')
    expect(await failure(nobody, 'schema_version')).toMatchObject({ sqlstate: '08006', away: true })
  })
})

async function answeredWith(listener: RequestListener, timeoutMs = 5_000): Promise<StoreError> {
  const server = createServer(listener)
  const port = await listening(server)
  try {
    return await failure(
      createSupabaseDatabase(`http://127.0.0.1:${port}`, 'key', { timeoutMs }),
      'schema_version',
    )
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

async function failure(database: Database, sqlFunction: string, args = {}): Promise<StoreError> {
  const error: unknown = await database.call(sqlFunction, args).catch((thrown) => thrown)
  if (!(error instanceof StoreError)) throw new Error(`test: not a StoreError: ${String(error)}`)
  return error
}
