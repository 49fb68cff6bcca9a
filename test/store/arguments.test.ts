import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { Database } from '#src/store/database.ts'
import { createStore, type Store } from '#src/store/store.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { cases } from '../world/million/cases/all.ts'

/** Which arguments the calls name, and which ones the functions have, by name. */
let opened: TestDatabase
let store: Store
let declared: Map<string, string[]>
const named = new Map<string, string[]>()
beforeAll(async () => {
  opened = await testDatabase()
  const rows = await opened.query(
    `select proname as name, to_jsonb(coalesce(proargnames, '{}')) as arguments from pg_proc
     where pronamespace = 'public'::regnamespace and obj_description(oid, 'pg_proc') = 'max-comms'`,
  )
  declared = new Map(
    z
      .array(z.object({ name: z.string(), arguments: z.array(z.string()) }))
      .parse(rows)
      .map((declaration) => [declaration.name, declaration.arguments.toSorted()]),
  )
  const listening: Database = {
    ...opened.database,
    call(sqlFunction, args) {
      named.set(sqlFunction, Object.keys(args).toSorted())
      return opened.database.call(sqlFunction, args)
    },
  }
  store = createStore(listening)
})
afterAll(() => opened?.drop())

it.each(Object.entries(cases))(
  '%s names the arguments that its function has, and all of them',
  async (_, ways) => {
    named.clear()
    // The database is empty: what is asked for may not be there.
    for (const ask of Object.values(ways)) await ask(store, 0).catch(() => undefined)
    expect(named.size).toBeGreaterThan(0)
    for (const [sqlFunction, names] of named)
      expect([sqlFunction, names]).toEqual([sqlFunction, declared.get(sqlFunction)])
  },
)
