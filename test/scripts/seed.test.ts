import { afterAll, beforeAll, expect, it } from 'vitest'
import { messageStatuses } from '#src/model/message.ts'
import { runFile } from '#support/command.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'

let opened: TestDatabase

beforeAll(async () => {
  opened = await testDatabase()
})

afterAll(() => opened.drop())

const seed = (...args: string[]) => runFile('scripts/seed.ts', args, { DATABASE_URL: opened.url })
const counted = async (sql: string) => Number((await opened.query(`select count(*) as n from ${sql}`))[0]?.n)

it('makes a month with messages of every status, in and out, once, and sets nothing off', async () => {
  const first = await seed('--days', '30', '--a-day', '30')
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/ messages and \d+ events of the tenant demo added\n/),
  })
  const found = await opened.query('select distinct status from messages')
  expect(found.map(({ status }) => status).toSorted()).toEqual([...messageStatuses].toSorted())
  const age = await opened.query('select extract(day from now() - min(created_at)) as days from messages')
  expect(Number(age[0]?.days)).toBeGreaterThanOrEqual(28)
  expect(await counted(`jobs`)).toBe(0)
  expect(await counted(`messages where next_attempt_at < now() + interval '300 days'`)).toBe(0)
  expect(await counted(`messages where check_at is not null`)).toBe(0)

  const before = await counted('messages')
  expect(await seed('--days', '30', '--a-day', '30')).toMatchObject({
    stdout: expect.stringMatching(/ 0 messages and 0 events /),
  })
  expect(await counted('messages')).toBe(before)
})

it('what it made reads the same when it is replayed', async () => {
  const replayed = await runFile('scripts/replay.ts', ['--since', '2020-01-01', '--dry-run'], {
    DATABASE_URL: opened.url,
    GREEN_API_INSTANCE_ID: '1101000001',
  })
  expect(replayed.code).toBe(0)
  expect(replayed.stdout).toMatch(/\b0 (?:events )?(?:read differently|would change|changed)/)
})

it('does not run in production', async () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32), BASE_URL: 'https://a.example' }
  const ended = await runFile('scripts/seed.ts', [], { DATABASE_URL: opened.url, ...production })
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^seed: not in production .*\n$/) })
})
