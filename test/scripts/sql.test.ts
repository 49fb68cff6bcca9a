import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedded } from '#src/store/pglite.ts'
import { runFile } from '#support/command.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { shown } from '../../scripts/sql/shown.ts'
import { statements } from '../../scripts/sql/statements.ts'

let opened: TestDatabase
let folder: string

beforeAll(async () => {
  opened = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'sql-'))
  await (await openEmbedded(folder)).close()
})

afterAll(async () => {
  await opened.drop()
  rmSync(folder, { recursive: true, force: true })
})

const databases = [
  { of: 'PostgreSQL', environment: () => ({ DATABASE_URL: opened.url }) },
  { of: 'the embedded database', environment: () => ({ DATA_DIR: folder }) },
]

describe.each(databases)('npm run sql into $of', ({ environment }) => {
  const sql = (args: string[], input = '') => runFile('scripts/sql.ts', args, environment(), { input })

  it('answers what is asked as tables, and writes nothing unasked', async () => {
    const asked = [
      '\\d',
      `select ';' as one,`,
      '12 as second;',
      'commit;',
      'set transaction read write;',
      'create table intruder (a integer);',
      'select count(*) as intruders',
      `from pg_tables where tablename = 'intruder'`,
    ]
    const ended = await sql([], asked.join('\n'))
    expect(ended.stdout).toMatch(/^messages +table$/m)
    expect(ended.stdout).toContain('one  second\n───  ──────\n;    12\n(1 row)\n')
    expect(ended.stdout).toMatch(/intruders\n─+\n0\n\(1 row\)\n$/)
    expect(ended.stderr).toMatch(/error: cannot execute CREATE TABLE in a read-only transaction\n$/)
    expect(ended.code).toBe(1)
  })

  it('writes where it is asked to', async () => {
    const asked =
      'create table asked (a integer); insert into asked values (1), (2); select sum(a) from asked'
    const ended = await sql(['--write', asked])
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('2 rows changed\n') })
    expect(ended.stdout).toMatch(/sum\n───\n3\n\(1 row\)\n$/)
  })
})

it('says in one line why it cannot ask', async () => {
  const supabase = { SUPABASE_URL: 'http://127.0.0.1:1', SUPABASE_SERVICE_ROLE_KEY: 'key' }
  const empty = { DATA_DIR: join(folder, 'nothing') }
  const away = { DATABASE_URL: 'postgresql://u:secret@127.0.0.1:1/db' }
  const lines = [/^sql: Supabase's API takes no SQL \(.*\)\n$/, /^sql: nothing is kept in .*\n$/]
  expect((await runFile('scripts/sql.ts', ['select 1'], supabase)).stderr).toMatch(lines[0] ?? '')
  expect((await runFile('scripts/sql.ts', ['select 1'], empty)).stderr).toMatch(lines[1] ?? '')
  const refused = await runFile('scripts/sql.ts', ['select 1'], away)
  expect(refused.stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:1\/db: cannot be reached \(.*\)\n$/)
})

describe('a text is cut into statements', () => {
  it.each([
    ['select 1; select 2', ['select 1'], ' select 2'],
    [`select ';'; -- ;\nselect 2;`, [`select ';'`, '-- ;\nselect 2'], ''],
    ['do $x$ begin; end $x$;', ['do $x$ begin; end $x$'], ''],
    [`select 'it''s; here';/* ; */`, [`select 'it''s; here'`], '/* ; */'],
    [';;', [], ''],
  ])('%s', (text, whole, rest) => {
    expect(statements(text)).toEqual({ whole, rest })
  })
})

it('what strangers wrote neither steers the terminal nor fills it', () => {
  const table = shown({ columns: ['text'], rows: [['\u001b[31m'], ['x'.repeat(100)], [null]], changed: 3 })
  expect(table.split('\n').slice(2, 4)).toEqual([' [31m', `${'x'.repeat(59)}…`])
})
