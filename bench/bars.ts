import type { Measured } from './row.ts'
import { auditPg, auditSupabase } from './rows/audit.ts'
import { express } from './rows/ceilings.ts'
import { growthIngest, growthList } from './rows/growth.ts'
import { memoryRow } from './rows/memory.ts'
import { oursPg, sendgridRow } from './rows/pg.ts'
import { bareSending, oursSending } from './rows/sending.ts'
import { steadyExpress, steadyOurs } from './rows/steady.ts'
import { oursSupabase } from './rows/supabase.ts'
import type { Sizes } from './sizes.ts'

/** What is wanted of the figures of one repetition. */
export interface Bar {
  what: string
  wanted: string
  /** The figure, and whether it is good enough; undefined where its rows were not measured. */
  of(rows: ReadonlyMap<string, Measured>): { figure: number; met: boolean } | undefined
  unit: 'x' | 'ms' | 'MB' | '/s'
}

export function bars(sizes: Sizes): Bar[] {
  const most = Math.max(...sizes.growth)
  const [fewer = 0, more = 0] = sizes.memory
  return [
    ratio('ours on pg ÷ Express', oursPg, express, 0.65),
    ratio('ours on pg ÷ the audit’s handler by pg', oursPg, auditPg, 1.8),
    ratio('ours by supabase-js ÷ the audit’s handler by supabase-js', oursSupabase, auditSupabase, 5),
    {
      what: `ours on pg, p99 at ${sizes.connections} connections`,
      wanted: '< 100 ms',
      unit: 'ms',
      of: (rows) => below(rows.get(oursPg)?.p99Ms, 100),
    },
    {
      what: `ours on pg, p99 at a steady ${sizes.steadyRate}/s`,
      wanted: '< 20 ms, or within 10 ms of Express',
      unit: 'ms',
      of: (rows) =>
        below(rows.get(steadyOurs)?.p99Ms, Math.max(20, (rows.get(steadyExpress)?.p99Ms ?? 0) + 10)),
    },
    {
      what: 'SendGrid, batches of 500',
      wanted: '≥ 20,000 events/s',
      unit: '/s',
      of: (rows) => atLeast(rows.get(sendgridRow(500))?.perSecond, 20_000),
    },
    ratio('sending through the API ÷ the bare SDK loop', oursSending, bareSending, 0.6),
    ratio(
      `ingest at ${most.toLocaleString('en')} events ÷ at none`,
      growthIngest(most),
      growthIngest(0),
      0.85,
    ),
    ratio(`the list at ${most.toLocaleString('en')} events ÷ at none`, growthList(most), growthList(0), 0.85),
    {
      what: 'memory on pg',
      wanted: '< 300 MB',
      unit: 'MB',
      of: (rows) => below(rows.get(oursPg)?.rssMb, 300),
    },
    {
      what: `memory after ${more.toLocaleString('en')} events ÷ after ${fewer.toLocaleString('en')}`,
      wanted: '≤ 1.2',
      unit: 'x',
      of(rows) {
        const [before, after] = [rows.get(memoryRow(fewer))?.rssMb, rows.get(memoryRow(more))?.rssMb]
        return before && after ? { figure: after / before, met: after / before <= 1.2 } : undefined
      },
    },
  ]
}

function ratio(what: string, ours: string, theirs: string, least: number): Bar {
  return {
    what,
    wanted: `≥ ${least}`,
    unit: 'x',
    of(rows) {
      const [one, other] = [rows.get(ours)?.perSecond, rows.get(theirs)?.perSecond]
      return one && other ? atLeast(one / other, least) : undefined
    },
  }
}

function below(figure: number | undefined, limit: number) {
  return figure === undefined ? undefined : { figure, met: figure < limit }
}

function atLeast(figure: number | undefined, least: number) {
  return figure === undefined ? undefined : { figure, met: figure >= least }
}
