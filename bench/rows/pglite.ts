import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { migrate } from '#src/store/migrate.ts'
import { pgliteConnection } from '#src/store/pglite.ts'
import { temporaryFolder } from '../../scripts/temporary-folder.ts'
import { checkEvents } from '../check.ts'
import { drive, rssMb } from '../drive.ts'
import type { Row } from '../row.ts'
import { seedMessages } from '../seed.ts'
import { startServer } from '../server.ts'
import { messagesOf, warmedUp } from '../traffic.ts'

export const oursPglite = 'ours, Twilio statuses, PGlite'

export const pgliteRow: Row = {
  group: 'pglite',
  async run({ sizes, sandbox, nodeOptions }) {
    const stretches = warmedUp(sizes.pglite)
    const folder = temporaryFolder('max-comms-bench-')
    await inside(folder, async (pglite) => {
      await migrate(pgliteConnection(pglite))
      await seedMessages(queryOf(pglite), 'sms', messagesOf(stretches))
    })
    const server = await startServer({ ...sandbox.environment, DATA_DIR: folder }, nodeOptions)
    const { seconds, ...told } = await drive({
      url: server.url,
      connections: sizes.connections,
      stretches,
      traffic: { of: 'twilio' },
    })
    const later = await server.settled()
    const memory = await rssMb(server.pid)
    await server.stop()
    await inside(folder, (pglite) => checkEvents(queryOf(pglite), 'twilio', stretches))
    rmSync(folder, { recursive: true, force: true })
    return [{ row: oursPglite, perSecond: sizes.pglite / (seconds + later), ...told, rssMb: memory }]
  },
}

/** Before and after the server has it: a folder belongs to one process at a time. */
async function inside(folder: string, work: (pglite: PGlite) => Promise<void>): Promise<void> {
  const pglite = await PGlite.create({ dataDir: join(folder, 'db') })
  await work(pglite)
  await pglite.close()
}

function queryOf(pglite: PGlite) {
  return async (text: string, values: unknown[] = []) =>
    (await pglite.query<Record<string, unknown>>(text, values)).rows
}
