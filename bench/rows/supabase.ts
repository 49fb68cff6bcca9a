import { secretKey } from '#support/supabase-lite.ts'
import { checkEvents } from '../check.ts'
import { makeDatabase } from '../database.ts'
import { drive, rssMb } from '../drive.ts'
import { startHost } from '../host.ts'
import type { Row } from '../row.ts'
import { seedMessages } from '../seed.ts'
import { startServer } from '../server.ts'
import { messagesOf, warmedUp } from '../traffic.ts'

export const oursSupabase = 'ours, Twilio statuses, supabase-js'

/** A database service in the same region is so far away; added to every call, ours and the audit's. */
export const networkDelayMs = 5

export const supabaseRow: Row = {
  group: 'supabase',
  async run({ databaseUrl, sizes, sandbox, nodeOptions }) {
    const stretches = warmedUp(sizes.oursSupabase)
    const database = await makeDatabase(databaseUrl)
    await seedMessages(database.query, 'sms', messagesOf(stretches))
    await database.settle()
    const supabase = await startHost('hosts/supabase.ts', {
      databaseUrl: database.url,
      delayMs: networkDelayMs,
    })
    const server = await startServer(
      { ...sandbox.environment, SUPABASE_URL: supabase.url, SUPABASE_SERVICE_ROLE_KEY: secretKey },
      nodeOptions,
    )
    const { seconds, ...told } = await drive({
      url: server.url,
      connections: sizes.connections,
      stretches,
      traffic: { of: 'twilio' },
    })
    const later = await server.settled()
    const memory = await rssMb(server.pid)
    await checkEvents(database.query, 'twilio', stretches)
    await server.stop()
    await supabase.stop()
    await database.drop()
    return [{ row: oursSupabase, perSecond: sizes.oursSupabase / (seconds + later), ...told, rssMb: memory }]
  },
}
