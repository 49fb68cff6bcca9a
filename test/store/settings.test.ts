import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '#support/database.ts'

/** What each function is set to: those that are called from outside, by the names in the calls of src/store. */
const root = fileURLToPath(new URL('../..', import.meta.url))
const called = new Set(
  globSync(['src/store/store.ts', 'src/store/calls/*.ts'], { cwd: root }).flatMap((file) =>
    [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/\bcall\('(\w+)'/g)].map(([, name = '']) => name),
  ),
)

let opened: TestDatabase
let settings: Map<string, string[]>
beforeAll(async () => {
  opened = await testDatabase()
  const rows = await opened.query(
    `select proname as name, coalesce(proconfig, '{}') as config from pg_proc
     where pronamespace = 'public'::regnamespace and obj_description(oid, 'pg_proc') = 'max-comms'`,
  )
  settings = new Map(rows.map(({ name, config }) => [String(name), [config].flat().map(String)]))
})
afterAll(() => opened?.drop())

test.each([...called])('%s finds its tables, waits for no lock for long and compiles nothing', (name) => {
  expect(settings.get(name)).toEqual(
    expect.arrayContaining(['search_path=public, pg_temp', 'TimeZone=UTC', 'lock_timeout=5s', 'jit=off']),
  )
})

test('what is called by these alone takes no time to set anything', () => {
  const inner = [...settings].filter(([name]) => !called.has(name))
  expect(inner.length).toBeGreaterThan(20)
  expect(inner.filter(([, config]) => config.length > 0)).toEqual([])
})
