import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { z } from 'zod'
import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

declare module 'vitest' {
  interface ProvidedContext {
    pgUrl: string
    pgTemplate: string
  }
}

/** One PostgreSQL for the whole run (DATABASE_URL's, or our own), with a migrated template database to clone. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const host = process.env.DATABASE_URL ? undefined : startHost()
  const url = process.env.DATABASE_URL ?? (await hostUrl(host))
  const template = `max_comms_template_${process.pid}`
  await makeTemplate(url, template)
  project.provide('pgUrl', url)
  project.provide('pgTemplate', template)
  return async () => {
    if (!host) return runOn(url, `drop database if exists ${template}`)
    const ended = once(host, 'exit')
    host.stdin?.end()
    await ended
  }
}

function startHost(): ChildProcess {
  const file = fileURLToPath(new URL('pg-host.ts', import.meta.url))
  return spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function hostUrl(host: ChildProcess | undefined): Promise<string> {
  if (!host?.stdout) throw new Error('test: the PostgreSQL host has no output')
  for await (const line of createInterface(host.stdout)) {
    if (line.startsWith('{')) return z.object({ url: z.string() }).parse(JSON.parse(line)).url
  }
  throw new Error('test: PostgreSQL did not start (was npm ci run with --ignore-scripts?)')
}

async function makeTemplate(url: string, template: string): Promise<void> {
  await runOn(url, `create database ${template}`)
  const connection = await connectForMigration(databaseUrl(url, template))
  try {
    await connection.exec(supabaseDefaults)
    await migrate(connection)
  } finally {
    await connection.close()
  }
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
