import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../migrations/', import.meta.url)

/** One file of migrations/: version 0 is functions.sql. */
export interface Migration {
  version: number
  name: string
  sql: string
  /** SHA-256 of `sql`, in hex. */
  digest: string
}

/** The numbered files in their order. */
export function numberedMigrations(): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{3}_.+\.sql$/.test(name))
    .sort()
    .map((name) => read(name, Number(name.slice(0, 3))))
}

export function functionsMigration(): Migration {
  return read('functions.sql', 0)
}

/** The table that says which of them a database has. */
export function ledgerMigration(): Migration {
  return read('schema_migrations.sql', -1)
}

function read(name: string, version: number): Migration {
  // A checkout on Windows may have other line ends; it is the same migration.
  const sql = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n')
  return { version, name, sql, digest: createHash('sha256').update(sql).digest('hex') }
}
