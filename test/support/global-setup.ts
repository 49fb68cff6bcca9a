import type { TestProject } from 'vitest/node'
import { ConfigurationError } from '#src/model/errors.ts'
import { hostPostgres } from '../../scripts/postgres/hosted.ts'
import { query } from '../../scripts/postgres/query.ts'
import { makeDatabase } from './make-database.ts'

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
  await makeDatabase(url, template)
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
