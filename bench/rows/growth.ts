import { checkEvents } from '../check.ts'
import { type BenchDatabase, makeDatabase } from '../database.ts'
import { drive, rssMb } from '../drive.ts'
import type { Row } from '../row.ts'
import { seedHistory, seedMessages } from '../seed.ts'
import { startServer } from '../server.ts'
import { messagesOf, warmedUp } from '../traffic.ts'

export const growthIngest = (events: number) => `growth: Twilio statuses, ${millions(events)} in the tables`
export const growthList = (events: number) =>
  `growth: first page of the list, ${millions(events)} in the tables`

/** Numbers apart from those of any other repetition. */
const eachRepetition = 3_000_000
const readers = 8

/** One size of the tables; they are filled once and serve every repetition. */
export function growthRow(events: number): Row {
  let database: BenchDatabase | undefined
  return {
    group: 'growth',
    async run({ databaseUrl, sizes, sandbox, nodeOptions }, repetition) {
      if (!database) {
        database = await makeDatabase(databaseUrl)
        await seedHistory(database.query, events)
      }
      const stretches = warmedUp(sizes.growthEvents, 1, repetition * eachRepetition)
      await seedMessages(database.query, 'sms', messagesOf(stretches))
      await database.settle()
      const server = await startServer({ ...sandbox.environment, DATABASE_URL: database.url }, nodeOptions)
      const ingest = await drive({
        url: server.url,
        connections: sizes.connections,
        stretches,
        traffic: { of: 'twilio' },
      })
      const later = await server.settled()
      const memory = await rssMb(server.pid)
      const list = await drive({
        url: server.url,
        connections: readers,
        stretches: warmedUp(sizes.growthPages),
        traffic: { of: 'list', token: await server.token() },
      })
      await checkEvents(database.query, 'twilio', stretches)
      await server.stop()
      return [
        {
          row: growthIngest(events),
          perSecond: sizes.growthEvents / (ingest.seconds + later),
          ...ingest,
          rssMb: memory,
        },
        { row: growthList(events), perSecond: sizes.growthPages / list.seconds, ...list },
      ]
    },
    async end() {
      await database?.drop()
    },
  }
}

function millions(events: number): string {
  return events >= 1e6 ? `${events / 1e6} million events` : `${events.toLocaleString('en')} events`
}
