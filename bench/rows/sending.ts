import { bareLoop } from '../bare-sending.ts'
import { checkSent } from '../check.ts'
import { makeDatabase } from '../database.ts'
import { drive, rssMb } from '../drive.ts'
import type { Row } from '../row.ts'
import { startServer } from '../server.ts'
import { warmedUp } from '../traffic.ts'

export const bareSending = 'sending: bare loop of the Twilio SDK'
export const oursSending = 'ours, sending SMS through the API, pg'

export const bareSendingRow: Row = {
  group: 'sending',
  async run({ sizes, sandbox }) {
    const { seconds, ...told } = await bareLoop({
      url: sandbox.url,
      connections: sizes.connections,
      stretches: warmedUp(sizes.sending),
    })
    return [{ row: bareSending, perSecond: sizes.sending / seconds, ...told }]
  },
}

export const oursSendingRow: Row = {
  group: 'sending',
  async run({ databaseUrl, sizes, sandbox, nodeOptions }) {
    const stretches = warmedUp(sizes.sending)
    const database = await makeDatabase(databaseUrl)
    await database.settle()
    const server = await startServer({ ...sandbox.environment, DATABASE_URL: database.url }, nodeOptions)
    const { seconds, ...told } = await drive({
      url: server.url,
      connections: sizes.connections,
      stretches,
      traffic: { of: 'send', token: await server.token() },
    })
    const later = await server.settled()
    const memory = await rssMb(server.pid)
    await checkSent(
      database.query,
      stretches.reduce((sum, { count }) => sum + count, 0),
    )
    await server.stop()
    await database.drop()
    return [{ row: oursSending, perSecond: sizes.sending / (seconds + later), ...told, rssMb: memory }]
  },
}
