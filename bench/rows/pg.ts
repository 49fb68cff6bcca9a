import { checkEvents } from '../check.ts'
import { makeDatabase } from '../database.ts'
import { drive, rssMb } from '../drive.ts'
import type { Bench, Measured, Row } from '../row.ts'
import { seedMessages } from '../seed.ts'
import { startServer } from '../server.ts'
import { messagesOf, warmedUp } from '../traffic.ts'

export const oursPg = 'ours, Twilio statuses, pg'
export const sendgridRow = (batch: number) => `ours, SendGrid in batches of ${batch}, pg`

/** SendGrid posts its largest batches over few connections. */
const mostEventsInFlight = 4_000

export const pgRow: Row = {
  group: 'pg',
  run: (bench) => measured(bench, oursPg, bench.sizes.ours, 'twilio', 1),
}

export function sendgridRows(batches: Iterable<number>): Row[] {
  return [...batches].map((batch) => ({
    group: 'sendgrid',
    run: (bench) =>
      measured(bench, sendgridRow(batch), bench.sizes.sendgrid.get(batch) ?? 0, 'sendgrid', batch),
  }))
}

async function measured(
  bench: Bench,
  row: string,
  count: number,
  provider: 'twilio' | 'sendgrid',
  batch: number,
): Promise<Measured[]> {
  const { sizes, sandbox } = bench
  const stretches = warmedUp(count, batch)
  const database = await makeDatabase(bench.databaseUrl)
  await seedMessages(database.query, provider === 'twilio' ? 'sms' : 'email', messagesOf(stretches))
  await database.settle()
  const server = await startServer({ ...sandbox.environment, DATABASE_URL: database.url }, bench.nodeOptions)
  const { seconds, ...told } = await drive({
    url: server.url,
    connections: Math.min(sizes.connections, Math.ceil(mostEventsInFlight / batch)),
    stretches,
    traffic: provider === 'twilio' ? { of: 'twilio' } : { of: 'sendgrid', batch },
  })
  const later = await server.settled()
  const memory = await rssMb(server.pid)
  await checkEvents(database.query, provider, stretches)
  await server.stop()
  await database.drop()
  return [{ row, perSecond: count / (seconds + later), ...told, rssMb: memory }]
}
