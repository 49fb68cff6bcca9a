import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../migrations/', import.meta.url)

/** One file of migrations/; version 0 is all of functions/. */
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

/** Every SQL function, as one text: the files of functions/ in their order. */
export function functionsMigration(): Migration {
  const files = readdirSync(new URL('functions/', folder)).filter((name) => name.endsWith('.sql'))
  const sql = files.sort().map((name) => textOf(`functions/${name}`))
  return migration('functions', 0, sql.join('\n'))
}

/** The table that says which of them a database has. */
export function ledgerMigration(): Migration {
  return read('schema_migrations.sql', -1)
}

function read(name: string, version: number): Migration {
  return migration(name, version, textOf(name))
}

function migration(name: string, version: number, sql: string): Migration {
  return { version, name, sql, digest: createHash('sha256').update(sql).digest('hex') }
}

/** A checkout on Windows may have other line ends; it is the same migration. */
function textOf(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n')
}
