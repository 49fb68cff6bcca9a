import pg from 'pg'
import { afterEach, beforeEach } from 'vitest'
import { type MigrationPatience, migrate } from '#src/store/migrate.ts'
import { type Migration, numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'

/** One file that the database lacks: it takes the locks that every new one takes. */
export const next: Migration = {
  version: 900,
  name: '900_next.sql',
  sql: 'alter table messages add column later text;\n',
  digest: 'next',
}

/** For each test a migrated database, and somebody connected to it (`dashboard`) who may read while it is migrated. */
export function readDatabase() {
  let opened: TestDatabase
  let reader: pg.Client
  beforeEach(async () => {
    opened = await testDatabase()
    reader = new pg.Client({ connectionString: opened.url, application_name: 'dashboard' })
    reader.on('error', () => {})
    await reader.connect()
  })
  afterEach(async () => {
    await reader.end()
    await opened.drop()
  })
  return { opened: () => opened, reader: () => reader }
}

/** Applies what this database lacks of the project's files and of these. Gives the names of what was applied. */
export async function migrated(
  { url }: TestDatabase,
  files: readonly Migration[],
  patience: MigrationPatience = {},
): Promise<string[]> {
  const connection = await connectForMigration(url)
  try {
    return await migrate(connection, [...numberedMigrations(), ...files], patience)
  } finally {
    await connection.close()
  }
}
