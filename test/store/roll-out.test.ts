import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { createSupabaseDatabase } from '#src/store/supabase.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { secretKey, startSupabaseLite } from '#support/supabase-lite.ts'
import { releaseBefore } from '../../scripts/release-before.ts'
import { functionsBefore } from './release-before.ts'

// Old processes go on while a database is migrated, and until they are replaced.

/** A database that came from the release before. */
let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
  await opened.query(`begin; ${functionsBefore} commit`)
  const connection = await connectForMigration(opened.url)
  await migrate(connection)
  await connection.close()
})
afterAll(() => opened?.drop())

const calls = Object.entries(releaseBefore.calls)

test.each(calls)('%s is still found by the arguments that old processes give it', async (name, given) => {
  const named = given.map((argument, index) => `${argument} => $${index + 1}`)
  // Prepared, and not called: one that fits none (42883), or two (42725), is refused.
  await opened.query(`prepare before_${name} as select ${name}(${named.join(', ')})`)
})

test('by way of Supabase each of them is found as well', async () => {
  const lite = await startSupabaseLite(opened.url)
  const database = createSupabaseDatabase(lite.url, secretKey)
  // @supabase/lite prints every error.
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const lost: string[] = []
  for (const [name, given] of calls) {
    const nothing = Object.fromEntries(given.map((argument) => [argument, null]))
    const refused = await database.call(name, nothing).then(
      () => '',
      ({ sqlstate }) => sqlstate,
    )
    if (/^PGRST20|^42883|^42725/.test(refused)) lost.push(`${name}: ${refused}`)
  }
  printed.mockRestore()
  await lite.close()
  expect(lost).toEqual([])
})

test('no call, old or new, can mean two functions', async () => {
  // Of each, which arguments it must have and which it may have.
  const overloaded = await opened.query(
    `select p.proname as name,
       p.proargnames[1:p.pronargs] as may,
       p.proargnames[1:p.pronargs - p.pronargdefaults] as must
     from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.proname in (
       select proname from pg_proc where pronamespace = 'public'::regnamespace group by proname having count(*) > 1
     )
     order by p.oid`,
  )
  expect(overloaded.length).toBeGreaterThan(1)
  const names = (list: unknown) => (Array.isArray(list) ? list.map(String) : [])
  const both = overloaded.flatMap((one, index) =>
    overloaded.slice(index + 1).filter((other) => {
      if (other.name !== one.name) return false
      const must = [...names(one.must), ...names(other.must)]
      return must.every((argument) => [one.may, other.may].every((may) => names(may).includes(argument)))
    }),
  )
  expect(both.map(({ name }) => name)).toEqual([])
})
