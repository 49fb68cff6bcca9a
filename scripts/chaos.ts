import { parseArgs } from 'node:util'
import type { Figures } from './chaos/account.ts'
import { drills } from './chaos/drills.ts'
import { startPostgres } from './chaos/postgres.ts'
import { runCommand } from './command.ts'
import { createRandom } from './random.ts'

const usage = `usage: npm run chaos [-- --only ${[...drills.keys()].join(',')}] [--minutes N] [--seed N]
  --only     these drills; each one by itself: npm run chaos -- --only kill
  --minutes  how long all of them may take, about: shorter or longer in proportion
  --seed     what is drawn by lot, drawn again`
const usualMinutes = 15
/** A machine that has other work too takes longer, but not for ever. */
const patience = 3
const mostShown = 20

interface Options {
  names: string[]
  minutes: number
  seed: number
}

/**
 * `npm run chaos`: kills, outages, a full disk, fuzz, wrong clocks, locks, slow commits, odd answers, stops and a whole week
 * against the whole house, with a real PostgreSQL and the sandbox. Prints what was promised and what was kept; ends with 1 on any loss,
 * double or lie. `--minutes` makes it shorter or longer in proportion.
 */
async function chaos({ names, minutes, seed }: Options): Promise<void> {
  console.log(`chaos: ${names.join(', ')}; seed ${seed}`)
  const postgres = await startPostgres()
  const done: Figures[] = []
  let complete = false
  const limit = setTimeout(() => tooLong(minutes), minutes * 60_000 * patience)
  try {
    for (const name of names)
      for (const drill of drills.get(name) ?? []) {
        const startedAt = performance.now()
        const say = (text: string) => console.log(`  ${name.padEnd(9)} ${text}`)
        const figures = await drill({
          postgres,
          random: createRandom(seed),
          say,
          share: minutes / usualMinutes,
        })
        figures.notes.push(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s`)
        done.push(figures)
      }
    complete = true
  } finally {
    clearTimeout(limit)
    await postgres.close()
    report(done, complete)
  }
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: [...drills.keys()].join(',') },
      minutes: { type: 'string', default: String(usualMinutes) },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  const names = values.only.split(',')
  const unknown = names.filter((name) => !drills.has(name))
  if (unknown.length > 0) throw new TypeError(`chaos: no drill is named ${unknown.join(', ')}`)
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
  if (!(minutes > 0) || !Number.isInteger(seed))
    throw new TypeError('chaos: --minutes must be more than 0, and --seed a whole number')
  return { names, minutes, seed }
}

function tooLong(minutes: number): void {
  console.error(`chaos: still not done after ${minutes * patience} minutes`)
  process.exit(1)
}

function report(done: readonly Figures[], complete: boolean): void {
  console.table(
    Object.fromEntries(
      done.map((figures) => [
        figures.name,
        {
          'events acknowledged': figures.acknowledged,
          kept: figures.kept,
          doubled: figures.doubled,
          lost: figures.lost,
          'sends accepted': figures.accepted,
          'at sandbox': figures.atSandbox,
          'sends doubled': figures.sendsDoubled,
          'sends lost': figures.sendsLost,
          unknown: figures.unknown,
        },
      ]),
    ),
  )
  for (const { name, notes } of done) console.log(`  ${name}: ${notes.join('; ')}`)
  const wrong = done.flatMap((figures) => figures.wrong.map((line) => `${figures.name}: ${line}`))
  for (const line of wrong.slice(0, mostShown)) console.error(line)
  if (wrong.length > mostShown) console.error(`… and ${wrong.length - mostShown} more`)
  if (wrong.length > 0) console.log(`${wrong.length} things are wrong.`)
  else console.log(complete ? 'Nothing was lost, nothing was doubled.' : 'A drill did not come to its end.')
  if (wrong.length > 0) process.exitCode = 1
}

// So that what was started ends too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
try {
  await runCommand({ usage, read: options, run: chaos })
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
// Whatever a drill that failed has left running ends too.
if (process.exitCode) process.exit()
