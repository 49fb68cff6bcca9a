import { expect, it } from 'vitest'
import { printMigrations } from '#src/store/migrate.ts'
import { type Ended, runFile } from '#support/command.ts'
import { emptyDatabase } from '#support/database.ts'

it('without DATABASE_URL one line says what is missing, and the exit code is 1', async () => {
  const ended = await run([], {})
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(/^migrate: DATABASE_URL is missing \(.*\)\n$/)
})

it('says what it applied, then that nothing is left to apply', async () => {
  const opened = await emptyDatabase()
  const environment = { DATABASE_URL: opened.url }
  const [first, second] = [await run([], environment), await run([], environment)]
  await opened.drop()
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/: applied 001_messages\.sql, .*functions\n/),
  })
  expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/: is up to date\n/) })
  expect(first.stdout).not.toContain(new URL(opened.url).password)
})

it('--dry-run shows what it would apply, and changes nothing', async () => {
  const opened = await emptyDatabase()
  const environment = { DATABASE_URL: opened.url }
  const pending = await run(['--dry-run'], environment)
  const tables = await opened.query(`select 1 as there from pg_tables where schemaname = 'public'`)
  await run([], environment)
  const current = await run(['--dry-run'], environment)
  await opened.drop()
  expect(pending).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/: would apply 001_messages\.sql, .*functions\n$/),
  })
  expect(tables).toEqual([])
  expect(current).toMatchObject({ code: 0, stdout: expect.stringMatching(/: is up to date\n$/) })
})

it('a server that is not there is one line', async () => {
  const ended = await run([], { DATABASE_URL: 'postgresql://u:secret@127.0.0.1:1/db' })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:1\/db: .*ECONNREFUSED.*\n$/)
})

it('--print prints the SQL for the editor, without any database', async () => {
  expect(await run(['--print'], {})).toMatchObject({ code: 0, stdout: printMigrations() })
})

function run(args: string[], environment: Record<string, string>): Promise<Ended> {
  return runFile('scripts/migrate.ts', args, environment)
}
