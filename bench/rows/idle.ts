import { setTimeout as pause } from 'node:timers/promises'
import { createPostgresDatabase } from '#src/store/postgres.ts'
import { createStore } from '#src/store/store.ts'
import { type BenchDatabase, makeDatabase } from '../database.ts'
import { processorUs } from '../processor.ts'
import type { Row } from '../row.ts'
import { seedHistory } from '../seed.ts'
import { startServer } from '../server.ts'
import { eventsAMessage } from '../traffic.ts'

export const idle = 'idle: a server that nothing is asked of, on a year of messages'

/** Until the first round of everything that it does by the clock is over. */
const settlingSeconds = 15

/** What the database works for a server to which nothing comes: it looks for what is due all the same. */
export const idleRow: Row = {
  group: 'idle',
  once: true,
  async run({ databaseUrl, sizes, sandbox, nodeOptions }) {
    const database = await makeDatabase(databaseUrl)
    await seedHistory(database.query, sizes.idleMessages * eventsAMessage)
    await counted(database.url)
    await database.settle()
    const server = await startServer({ ...sandbox.environment, DATABASE_URL: database.url }, nodeOptions)
    await pause(settlingSeconds * 1_000)
    const workedUs = await worked(database, sizes.idleSeconds)
    await server.stop()
    await database.drop()
    return [{ row: idle, perSecond: 0, p50Ms: 0, p99Ms: 0, cpuUs: workedUs && workedUs / sizes.idleSeconds }]
  },
}

/** What the worker counts and marks once of what lies back, which a server that ran meanwhile has done. */
async function counted(url: string): Promise<void> {
  const store = createStore(createPostgresDatabase(url))
  for (const some of [store.countMessages, store.settleEvents]) while (await some()) {}
  await store.close()
}

/** Of all connections but our own, also of those that are closed meanwhile; looked at once a second. */
async function worked(database: BenchDatabase, seconds: number): Promise<number | undefined> {
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  for (let second = 0; second <= seconds; second++) {
    const rows = await database.query(
      `select pid, backend_start > now() - make_interval(secs => $1) as fresh from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
      [second],
    )
    for (const { pid, fresh } of rows) {
      const us = processorUs(Number(pid))
      if (us === undefined) return undefined
      if (!first.has(Number(pid))) first.set(Number(pid), fresh ? 0 : us)
      last.set(Number(pid), us)
    }
    await pause(1_000)
  }
  return [...last].reduce((sum, [pid, us]) => sum + us - (first.get(pid) ?? 0), 0)
}
