import { parseArgs } from 'node:util'
import { ConfigurationError } from '#src/model/errors.ts'
import { runCommand } from '../scripts/command.ts'
import { distributionsPostgres } from '../scripts/postgres/distribution.ts'
import { hostPostgres } from '../scripts/postgres/hosted.ts'
import { query } from '../scripts/postgres/query.ts'
import { bars } from './bars.ts'
import { rssMb } from './drive.ts'
import { startHost } from './host.ts'
import { machine } from './machine.ts'
import { report, writeInto } from './report.ts'
import type { Bench, Measured, Row } from './row.ts'
import { auditByPg, auditBySupabase } from './rows/audit.ts'
import { ceilings } from './rows/ceilings.ts'
import { commitRows } from './rows/commits.ts'
import { growthRow } from './rows/growth.ts'
import { idleRow } from './rows/idle.ts'
import { memory } from './rows/memory.ts'
import { pgRow, sendgridRows } from './rows/pg.ts'
import { pgliteRow } from './rows/pglite.ts'
import { bareSendingRow, oursSendingRow } from './rows/sending.ts'
import { steadyExpressRow, steadyOursRow } from './rows/steady.ts'
import { supabaseRow } from './rows/supabase.ts'
import { full, quick, type Sizes } from './sizes.ts'

const usage = `usage: npm run bench [-- --quick] [--rows ceiling,pg,…] [--repetitions 3] [--write] [--profile <folder>]
  groups of rows: ceiling, audit, pg, pglite, supabase, sendgrid, sending, steady, growth, memory, commits, idle
  --write puts the tables into docs/benchmarks.md; --profile makes V8 profile the servers under test`

/**
 * PostgreSQL's own durability (fsync, synchronous_commit and full_page_writes are on by default), and what any server with
 * 2 GB of memory is given: the defaults are those of 1 GB machines of 2005.
 */
const honest = { shared_buffers: '512MB', max_wal_size: '4GB' }

/** `npm run bench`: everything on loopback, bounded by counts. */
async function bench(wanted: ReturnType<typeof options>): Promise<void> {
  // The server under test is ended on exit, which a signal alone is not.
  process.once('SIGTERM', () => process.exit(1))
  const { sizes, groups } = wanted
  await rssMb(process.pid).catch((cause) => {
    throw new ConfigurationError('bench: ps does not tell what a process holds (install procps)', { cause })
  })
  const rows = allRows(sizes).filter(({ group }) => !groups || groups.includes(group))
  const postgres = process.env.DATABASE_URL ? undefined : await hostPostgres(honest, distributionsPostgres)
  const databaseUrl = process.env.DATABASE_URL ?? postgres?.url ?? ''
  await query(databaseUrl, 'select 1')
  const sandbox = await startHost('hosts/sandbox.ts')
  const tools: Bench = {
    databaseUrl,
    sandbox,
    sizes,
    nodeOptions: wanted.profile ? ['--cpu-prof', `--cpu-prof-dir=${wanted.profile}`] : [],
  }
  const told = await repeated(rows, tools)
  const text = report(await machine(databaseUrl, wanted.command), told, bars(sizes))
  for (const row of rows) await row.end?.()
  await sandbox.stop()
  await postgres?.stop()
  process.stdout.write(`\n${text}\n`)
  if (wanted.write) writeInto('docs/benchmarks.md', text)
}

/** Each repetition begins with another row, so that what the machine does meanwhile falls on all alike. */
async function repeated(rows: Row[], bench: Bench): Promise<Measured[][]> {
  const repetitions: Measured[][] = []
  for (let repetition = 0; repetition < bench.sizes.repetitions; repetition++) {
    const turn = Math.floor((rows.length * repetition) / bench.sizes.repetitions)
    const told: Measured[] = []
    for (const row of [...rows.slice(turn), ...rows.slice(0, turn)]) {
      if (row.once && repetition > 0) continue
      for (const measured of await row.run(bench, repetition)) {
        told.push(measured)
        const { row: name, perSecond, p99Ms, rssMb = 0, cpuUs } = measured
        const last =
          cpuUs === undefined ? `${Math.round(rssMb)} MB` : `${Math.round(cpuUs)} µs of the database`
        const figures = `${Math.round(perSecond)}/s, p99 ${p99Ms.toFixed(1)} ms, ${last}`
        process.stderr.write(`${repetition + 1}  ${name}: ${figures}\n`)
      }
    }
    repetitions.push(told)
  }
  return repetitions
}

function allRows(sizes: Sizes): Row[] {
  return [
    ...ceilings,
    auditByPg,
    pgRow,
    pgliteRow,
    auditBySupabase,
    supabaseRow,
    ...sendgridRows(sizes.sendgrid.keys()),
    bareSendingRow,
    oursSendingRow,
    steadyExpressRow,
    steadyOursRow,
    ...sizes.growth.map(growthRow),
    memory,
    ...commitRows(sizes.commits.keys()),
    idleRow,
  ]
}

function options() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      rows: { type: 'string' },
      repetitions: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const sizes = values.quick ? quick : full
  const repetitions = Number(values.repetitions ?? sizes.repetitions)
  if (!(Number.isInteger(repetitions) && repetitions > 0))
    throw new TypeError('bench: --repetitions must be a whole number from 1')
  return {
    ...values,
    sizes: { ...sizes, repetitions },
    groups: values.rows?.split(','),
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
      ' ',
    ),
  }
}

await runCommand({ usage, read: options, run: bench })
// Whatever was started before it failed ends too.
if (process.exitCode) process.exit()
