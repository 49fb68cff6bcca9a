import { credentials } from '#sandbox/credentials.ts'
import { secretKey } from '#support/supabase-lite.ts'
import { checkAuditEvents } from '../check.ts'
import { makeDatabase } from '../database.ts'
import { drive } from '../drive.ts'
import { type Host, startHost } from '../host.ts'
import type { Bench, Measured, Row } from '../row.ts'
import { publicUrl, warmedUp } from '../traffic.ts'
import { networkDelayMs } from './supabase.ts'

export const auditPg = 'the audit’s handler, pg'
export const auditSupabase = 'the audit’s handler, supabase-js'

export const auditByPg: Row = {
  group: 'audit',
  run: (bench) => measured(bench, auditPg, bench.sizes.audit, async () => undefined),
}

export const auditBySupabase: Row = {
  group: 'supabase',
  run: (bench) =>
    measured(bench, auditSupabase, bench.sizes.auditSupabase, (databaseUrl) =>
      startHost('hosts/supabase.ts', { databaseUrl, delayMs: networkDelayMs }),
    ),
}

async function measured(
  { databaseUrl, sizes, nodeOptions }: Bench,
  row: string,
  count: number,
  before: (databaseUrl: string) => Promise<Host | undefined>,
): Promise<Measured[]> {
  const database = await makeDatabase(databaseUrl)
  const supabase = await before(database.url)
  await database.settle()
  const host = await startHost(
    'hosts/audit.ts',
    {
      baseUrl: publicUrl,
      authToken: credentials.twilio.authToken,
      ...(supabase ? { supabase: { url: supabase.url, key: secretKey } } : { databaseUrl: database.url }),
    },
    nodeOptions,
  )
  const stretches = warmedUp(count)
  const { seconds, ...told } = await drive({
    url: host.url,
    connections: sizes.connections,
    stretches,
    traffic: { of: 'twilio' },
  })
  await checkAuditEvents(database.query, stretches)
  await host.stop()
  await supabase?.stop()
  await database.drop()
  return [{ row, perSecond: count / seconds, ...told }]
}
