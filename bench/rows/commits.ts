import pg from 'pg'
import type { MessageEvent } from '#src/model/event.ts'
import { jobsOf } from '#src/model/job.ts'
import { sqlCall } from '#src/store/call.ts'
import { matching } from '#src/store/calls/events.ts'
import { batchRows } from '#src/store/rows.ts'
import { type BenchDatabase, makeDatabase } from '../database.ts'
import { figures } from '../figures.ts'
import { processorUs } from '../processor.ts'
import type { Measured, Row } from '../row.ts'
import { seedMessages } from '../seed.ts'
import { messagesOf, type Stretch, twilioEvent, warmedUp } from '../traffic.ts'

export const bareCommits = (events: number) => `commits of ${events}: a bare insert of the events`
export const ourCommits = (events: number) => `commits of ${events}: record_events`

/** One connection, one commit after the other: what the database's process works for each event, beside an insert of the same rows. */
export function commitRows(sizes: Iterable<number>): Row[] {
  return [...sizes].map((size) => ({
    group: 'commits',
    async run({ databaseUrl, sizes: { commits } }) {
      const stretches = warmedUp(commits.get(size) ?? 0, size)
      const database = await makeDatabase(databaseUrl)
      await seedMessages(database.query, 'sms', messagesOf(stretches))
      await database.query('create table bare_events (like message_events including all)')
      await database.settle()
      const told = [
        await measured(database, bareCommits(size), stretches, size, bareInsert),
        await measured(database, ourCommits(size), stretches, size, recordEvents),
      ]
      await database.drop()
      return told
    },
  }))
}

type Statement = (events: MessageEvent[]) => { text: string; values: unknown[] }

function rowsOf(events: MessageEvent[]) {
  return batchRows({ events: events.map((event) => ({ event, requestId: event.eventId })) })
}

const recordEvents: Statement = (events) =>
  sqlCall('record_events', { ...rowsOf(events), follows: jobsOf, ...matching })

const bareInsert: Statement = (events) => ({
  text: `insert into bare_events overriding user value
    select t.* from jsonb_populate_recordset(null::bare_events, $1) t on conflict (provider, event_id) do nothing`,
  values: [
    JSON.stringify(
      // What the table wants of a row, and record_events adds.
      rowsOf(events).events.map((row) => ({
        ...row,
        machine: false,
        guessed: false,
        guessable: false,
        again: false,
      })),
    ),
  ],
})

/** The last stretch; those before it warm the connection up. */
async function measured(
  database: BenchDatabase,
  row: string,
  stretches: Stretch[],
  size: number,
  statement: Statement,
): Promise<Measured> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid ?? 0
  let [cpuUs, latencies, startedAt]: [number | undefined, number[], number] = [0, [], 0]
  for (const { first, count } of stretches) {
    const commits = Array.from({ length: count / size }, (_, commit) =>
      statement(Array.from({ length: size }, (_, at) => twilioEvent(first + commit * size + at))),
    )
    const before = processorUs(pid)
    latencies = []
    startedAt = performance.now()
    for (const commit of commits) {
      const begun = performance.now()
      await client.query(commit)
      latencies.push(performance.now() - begun)
    }
    const after = processorUs(pid)
    cpuUs = before === undefined || after === undefined ? undefined : (after - before) / count
  }
  const seconds = (performance.now() - startedAt) / 1_000
  await client.end()
  const { p50Ms, p99Ms } = figures({ requests: 0, acknowledged: 0, seconds, latencies })
  return { row, perSecond: (stretches.at(-1)?.count ?? 0) / seconds, p50Ms, p99Ms, cpuUs }
}
