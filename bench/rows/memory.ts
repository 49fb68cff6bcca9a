import { checkEvents } from '../check.ts'
import { makeDatabase } from '../database.ts'
import { drive, rssMb } from '../drive.ts'
import type { Measured, Row } from '../row.ts'
import { seedMessages } from '../seed.ts'
import { startServer } from '../server.ts'
import { messagesOf } from '../traffic.ts'

export const memoryRow = (events: number) => `memory: after ${events.toLocaleString('en')} events, pg`

const atOnce = 50_000

/** One process that takes all of them, its memory read on the way. */
export const memory: Row = {
  group: 'memory',
  once: true,
  async run({ databaseUrl, sizes, sandbox, nodeOptions }) {
    const most = Math.max(...sizes.memory)
    const database = await makeDatabase(databaseUrl)
    await seedMessages(database.query, 'sms', messagesOf([{ first: 0, count: most }]))
    await database.settle()
    const server = await startServer({ ...sandbox.environment, DATABASE_URL: database.url }, nodeOptions)
    const told: Measured[] = []
    let taken = 0
    for (const events of sizes.memory) {
      while (taken < events) {
        const count = Math.min(atOnce, events - taken)
        const { seconds, ...figures } = await drive({
          url: server.url,
          connections: sizes.connections,
          stretches: [{ first: taken, count }],
          traffic: { of: 'twilio' },
        })
        taken += count
        const later = await server.settled()
        if (taken === events)
          told.push({
            row: memoryRow(events),
            perSecond: count / (seconds + later),
            ...figures,
            rssMb: await rssMb(server.pid),
          })
      }
    }
    await checkEvents(database.query, 'twilio', [{ first: 0, count: most }])
    await server.stop()
    await database.drop()
    return told
  },
}
