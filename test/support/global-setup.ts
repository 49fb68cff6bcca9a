import type { TestProject } from 'vitest/node'
import { ConfigurationError } from '#src/model/errors.ts'
import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { hostPostgres } from '../../scripts/postgres/hosted.ts'
import { query } from '../../scripts/postgres/query.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

declare module 'vitest' {
  interface ProvidedContext {
    pgUrl: string
    pgTemplate: string
  }
}

/** Nothing that a test writes must outlive the run. */
const settings = { max_connections: '200', fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** One PostgreSQL for the whole run (DATABASE_URL's, or our own), with a migrated template database to clone. */
export function setup(project: TestProject): Promise<() => Promise<unknown>> {
  return prepare(project).catch(endInOneLine)
}

async function prepare(project: TestProject): Promise<() => Promise<unknown>> {
  const hosted = process.env.DATABASE_URL ? undefined : await hostPostgres(settings)
  const url = process.env.DATABASE_URL ?? hosted?.url ?? ''
  const template = `max_comms_template_${process.pid}`
  await makeTemplate(url, template)
  project.provide('pgUrl', url)
  project.provide('pgTemplate', template)
  return () => (hosted ? hosted.stop() : query(url, `drop database if exists ${template}`))
}

/** Whatever is thrown here, vitest shows with its stack and a piece of this file. */
function endInOneLine(error: unknown): never {
  if (!(error instanceof ConfigurationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

async function makeTemplate(url: string, template: string): Promise<void> {
  await query(url, `create database ${template}`)
  const connection = await connectForMigration(databaseUrl(url, template))
  try {
    await connection.exec(supabaseDefaults)
    await migrate(connection)
  } finally {
    await connection.close()
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
