import type { Measured } from './row.ts'
import { auditPg, auditSupabase } from './rows/audit.ts'
import { express } from './rows/ceilings.ts'
import { bareCommits, ourCommits } from './rows/commits.ts'
import { growthIngest, growthList } from './rows/growth.ts'
import { idle } from './rows/idle.ts'
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
  unit: 'x' | 'ms' | 'MB'
}

export function bars(sizes: Sizes): Bar[] {
  const most = Math.max(...sizes.growth)
  const [fewer = 0, more = 0] = sizes.memory
  return [
    ratio('ours on pg ÷ Express', oursPg, express, 0.35),
    ratio('ours on pg ÷ the audit’s handler by pg', oursPg, auditPg, 1.4),
    ratio('ours by supabase-js ÷ the audit’s handler by supabase-js', oursSupabase, auditSupabase, 5),
    {
      what: `ours on pg, p99 at ${sizes.connections} connections`,
      wanted: '< 60 ms',
      unit: 'ms',
      of: (rows) => below(rows.get(oursPg)?.p99Ms, 60),
    },
    {
      what: `ours on pg, p99 at a steady ${sizes.steadyRate}/s`,
      wanted: '< 20 ms, or within 10 ms of Express',
      unit: 'ms',
      of: (rows) =>
        below(rows.get(steadyOurs)?.p99Ms, Math.max(20, (rows.get(steadyExpress)?.p99Ms ?? 0) + 10)),
    },
    ratio('SendGrid in batches of 500 ÷ single Twilio statuses', sendgridRow(500), oursPg, 4.4),
    ratio('sending through the API ÷ the bare SDK loop', oursSending, bareSending, 0.5),
    ratio(
      `ingest at ${most.toLocaleString('en')} events ÷ at none`,
      growthIngest(most),
      growthIngest(0),
      0.95,
    ),
    ratio(`the list at ${most.toLocaleString('en')} events ÷ at none`, growthList(most), growthList(0), 0.95),
    {
      what: 'memory on pg',
      wanted: '< 230 MB',
      unit: 'MB',
      of: (rows) => below(rows.get(oursPg)?.rssMb, 230),
    },
    work(1, 2.5),
    work(30, 1.9),
    work(500, 2.1),
    {
      what: 'the database’s work for an idle server',
      wanted: '< 0.7 % of a core',
      unit: 'x',
      of: (rows) => below(percent(rows.get(idle)?.cpuUs), 0.7),
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

/** Of record_events, for an event, beside an insert of the same rows. */
function work(size: number, most: number): Bar {
  return {
    what: `the database’s work for an event ÷ for a bare insert, commits of ${size}`,
    wanted: `≤ ${most}`,
    unit: 'x',
    of(rows) {
      const [ours, bare] = [rows.get(ourCommits(size))?.cpuUs, rows.get(bareCommits(size))?.cpuUs]
      return ours && bare ? { figure: ours / bare, met: ours / bare <= most } : undefined
    },
  }
}

/** Of a core. */
function percent(usASecond: number | undefined): number | undefined {
  return usASecond === undefined ? undefined : usASecond / 10_000
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
