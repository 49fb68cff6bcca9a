import { checkEvents } from '../check.ts'
import { makeDatabase } from '../database.ts'
import { drive, rssMb } from '../drive.ts'
import { startHost } from '../host.ts'
import type { Row } from '../row.ts'
import { seedMessages } from '../seed.ts'
import { startServer } from '../server.ts'
import type { Sizes } from '../sizes.ts'
import { messagesOf, type Stretch, warmedUp } from '../traffic.ts'

export const steadyExpress = 'steady: Express 5'
export const steadyOurs = 'steady: ours, Twilio statuses, pg'

export const steadyExpressRow: Row = {
  group: 'steady',
  async run({ sizes }) {
    const host = await startHost('hosts/express.ts')
    const { seconds, ...told } = await drive(order(host.url, sizes))
    await host.stop()
    return [{ row: steadyExpress, perSecond: total(sizes) / seconds, ...told }]
  },
}

export const steadyOursRow: Row = {
  group: 'steady',
  async run({ databaseUrl, sizes, sandbox, nodeOptions }) {
    const database = await makeDatabase(databaseUrl)
    const { stretches } = order('', sizes)
    await seedMessages(database.query, 'sms', messagesOf(stretches))
    await database.settle()
    const server = await startServer({ ...sandbox.environment, DATABASE_URL: database.url }, nodeOptions)
    const { seconds, ...told } = await drive(order(server.url, sizes))
    const later = await server.settled()
    const memory = await rssMb(server.pid)
    await checkEvents(database.query, 'twilio', stretches)
    await server.stop()
    await database.drop()
    return [{ row: steadyOurs, perSecond: total(sizes) / (seconds + later), ...told, rssMb: memory }]
  },
}

function order(url: string, sizes: Sizes) {
  const stretches: Stretch[] = warmedUp(total(sizes))
  return {
    url,
    connections: sizes.connections,
    rate: sizes.steadyRate,
    stretches,
    traffic: { of: 'twilio' as const },
  }
}

function total({ steadyRate, steadySeconds }: Sizes): number {
  return steadyRate * steadySeconds
}
