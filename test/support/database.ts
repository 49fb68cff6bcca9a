import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import type { Json } from '#src/model/json.ts'
import type { Database } from '#src/store/database.ts'
import { createPostgresDatabase } from '#src/store/postgres.ts'
import { repeatCollisions } from '#src/store/repeat.ts'
import { createStore, type Store } from '#src/store/store.ts'
import { query } from '../../scripts/postgres/query.ts'

/** A row as SQL gives it: snake_case columns, times in ISO 8601. */
export type Row = Record<string, Json | undefined>

/** A database of the test's own, seen through its driver (`store`, `database`) and past it (`query`). */
export interface TestStore {
  database: Database
  store: Store
  query(sql: string, params?: unknown[]): Promise<Row[]>
  drop(): Promise<void>
}

export interface TestDatabase extends TestStore {
  url: string
}

/** A migrated PostgreSQL database of the test's own, with Supabase's roles and default grants. */
export async function testDatabase(): Promise<TestDatabase> {
  return cloneOf(inject('pgTemplate'))
}

/** An empty PostgreSQL database of the test's own, without any migration. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return cloneOf('template1')
}

async function cloneOf(template: string): Promise<TestDatabase> {
  const server = inject('pgUrl')
  const name = `t_${randomUUID().replaceAll('-', '')}`
  await query(server, `create database ${name} template ${template} strategy file_copy`)
  const at = new URL(server)
  at.pathname = `/${name}`
  const opened = openedAt(at.href)
  return {
    ...opened,
    async drop() {
      await opened.drop()
      await query(server, `drop database if exists ${name} with (force)`)
    },
  }
}

/** The store in a migrated PostgreSQL database; `drop` ends the connections only. */
export function openedAt(url: string): TestDatabase {
  const database = repeatCollisions(createPostgresDatabase(url))
  const direct = new pg.Pool({ connectionString: url, max: 2 })
  direct.on('error', () => {})
  return {
    url,
    database,
    store: createStore(database),
    async query(sql, params) {
      const { rows } = await direct.query<Row>(sql, params)
      return rows
    },
    async drop() {
      await database.close()
      await direct.end()
    },
  }
}
