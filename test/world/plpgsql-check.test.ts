import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openedAt, type TestDatabase } from '#support/database.ts'
import { makeDatabase } from '#support/make-database.ts'
import { distributionsPostgres, versionOf } from '../../scripts/postgres/distribution.ts'
import { type HostedPostgres, hostPostgres } from '../../scripts/postgres/hosted.ts'
import { describeWith } from './needs.ts'

const version = versionOf(distributionsPostgres ?? '')
const extension = [
  `/usr/share/postgresql/${version}/extension`,
  `${distributionsPostgres}/share/extension`,
].some((folder) => existsSync(`${folder}/plpgsql_check.control`))

describeWith(
  {
    program: 'plpgsql_check',
    found: extension ? distributionsPostgres : undefined,
    debian: `postgresql-${version || 15}-plpgsql-check`,
  },
  'plpgsql_check',
  (native) => {
    let postgres: HostedPostgres
    let opened: TestDatabase
    beforeAll(async () => {
      postgres = await hostPostgres({ fsync: 'off' }, native)
      opened = openedAt(await makeDatabase(postgres.url, 'max_comms'))
      await opened.query('create extension plpgsql_check schema pg_catalog')
    })
    afterAll(async () => {
      await opened?.drop()
      await postgres?.stop()
    })

    it('reads every function, and finds nothing in any', async () => {
      const [read] = await opened.query(`select count(*)::integer as functions from (${ours}) ours`)
      expect(read?.functions).toBeGreaterThan(30)
      expect(await opened.query(findings)).toEqual([])
    })

    it('would find what is wrong', async () => {
      await opened.query(
        `create function wrong() returns integer language plpgsql as 'begin return (select nothing from messages); end'`,
      )
      const found = await opened.query(findings)
      await opened.query('drop function wrong')
      const message = 'column "nothing" does not exist'
      expect(found).toContainEqual({ function: 'wrong()', line: 1, level: 'error', message })
    })
  },
)

/** Functions in PL/pgSQL; those of triggers with their table, and the rows that went as they name them. */
const ours = `
  select p.oid, coalesce(t.tgrelid, 0) as relation, t.tgoldtable as gone
  from pg_proc p
  join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
  left join pg_trigger t on t.tgfoid = p.oid and not t.tgisinternal
  where p.pronamespace = 'public'::regnamespace`

const findings = `
  select ours.oid::regprocedure::text as function, found.lineno as line, found.level, found.message
  from (${ours}) ours
  cross join lateral plpgsql_check_function_tb(
    ours.oid, relid => ours.relation, oldtable => ours.gone, all_warnings => true
  ) found
  order by function, line`
