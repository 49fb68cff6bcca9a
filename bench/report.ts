import { readFileSync, writeFileSync } from 'node:fs'
import type { Bar } from './bars.ts'
import type { Measured } from './row.ts'

const begin = '<!-- npm run bench -- --write: begin -->'
const end = '<!-- npm run bench -- --write: end -->'

/** The tables in Markdown: what each row was, and what of it was wanted. */
export function report(machine: string, repetitions: Measured[][], bars: Bar[]): string {
  return [
    machine,
    `- medians of ${repetitions.length} interleaved repetitions (least–most); ratios within one repetition`,
    '',
    '| row | per second | p50 ms | p99 ms | memory of the server, MB | the database’s work, µs |',
    '|---|---|---|---|---|---|',
    ...rowNames(repetitions).map((name) => rowLine(name, repetitions)),
    '',
    '| what | wanted | measured | |',
    '|---|---|---|---|',
    ...bars.flatMap((bar) => barLine(bar, repetitions)),
  ].join('\n')
}

/** Puts a text between the markers of a file. */
export function writeInto(file: string, text: string): void {
  const [before, rest] = readFileSync(file, 'utf8').split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`bench: ${file} has no markers`)
  writeFileSync(file, `${before}${begin}\n${text}\n${end}${after}`)
}

function rowNames(repetitions: Measured[][]): string[] {
  return [...new Set(repetitions.flat().map(({ row }) => row))]
}

function rowLine(name: string, repetitions: Measured[][]): string {
  const of = repetitions.flat().filter(({ row }) => row === name)
  const memory = of.flatMap(({ rssMb }) => rssMb ?? [])
  const work = of.flatMap(({ cpuUs }) => cpuUs ?? [])
  return `| ${[
    name,
    spread(
      of.map(({ perSecond }) => perSecond),
      0,
    ),
    spread(
      of.map(({ p50Ms }) => p50Ms),
      1,
    ),
    spread(
      of.map(({ p99Ms }) => p99Ms),
      1,
    ),
    memory.length > 0 ? spread(memory, 0) : '',
    work.length > 0 ? spread(work, 0) : '',
  ].join(' | ')} |`
}

function barLine({ what, wanted, unit, of }: Bar, repetitions: Measured[][]): string[] {
  const told = repetitions.flatMap((rows) => of(new Map(rows.map((row) => [row.row, row]))) ?? [])
  if (told.length === 0) return []
  const met = told.filter((one) => one.met).length
  const measured = spread(
    told.map(({ figure }) => figure),
    unit === 'x' ? 2 : unit === 'ms' ? 1 : 0,
  )
  return [
    `| ${what} | ${wanted} | ${measured}${unit === 'x' ? '' : ` ${unit}`} | met in ${met} of ${told.length} |`,
  ]
}

/** `median (least–most)`. */
function spread(figures: number[], digits: number): string {
  const sorted = figures.toSorted((one, other) => one - other)
  const written = (figure = 0) =>
    figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const middle = written(sorted[Math.floor((sorted.length - 1) / 2)])
  return sorted.length < 2 ? middle : `${middle} (${written(sorted[0])}–${written(sorted.at(-1))})`
}
