import { z } from 'zod'
import { sum } from '#src/replay/reading.ts'

const counts = z.record(z.string(), z.number())
const fields = z.record(z.string(), z.unknown())

/** What one part of a replay answers, by HTTP or from `replay` itself. */
export const answered = z.object({
  read: z.number(),
  changed: z.number(),
  changes: z.array(z.object({ provider: z.string(), eventId: z.string(), before: fields, after: fields })),
  recovered: z.number(),
  unreadable: counts,
  skipped: counts,
  messages: z.number(),
  nextCursor: z.string().nullable(),
})
export type Answered = z.infer<typeof answered>

const mostRows = 50
const longestValue = 40

/** What concerns a person: that it changes is shown, what it says is not. */
const personal = new Set(['recipient', 'url', 'sender', 'inboundRecipient', 'text', 'buttonPayload', 'media'])

/** Two parts as one. */
export function together(first: Answered, second: Answered): Answered {
  return {
    read: first.read + second.read,
    changed: first.changed + second.changed,
    changes: [...first.changes, ...second.changes].slice(0, mostRows),
    recovered: first.recovered + second.recovered,
    unreadable: sum(first.unreadable, second.unreadable),
    skipped: sum(first.skipped, second.skipped),
    messages: first.messages + second.messages,
    nextCursor: second.nextCursor,
  }
}

/** What a replay did, for a person: a table of what changes, the counts, and what to do next. */
export function report(done: Answered, { dryRun }: { dryRun: boolean }): string {
  const shown = done.changes.slice(0, mostRows)
  const rest = done.changed - shown.length
  return [
    ...(shown.length > 0 ? ['', ...table(shown)] : []),
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
    '',
    `${done.read} items read: ${done.changed} events ${dryRun ? 'would change' : 'changed'}, ${done.messages} messages ${dryRun ? 'would be rebuilt' : 'rebuilt'}, ${done.recovered} events recovered from quarantine, ${total(done.unreadable)} unreadable, ${total(done.skipped)} skipped`,
    ...Object.entries(done.unreadable).map(([reason, count]) => `  ${count} unreadable: ${reason}`),
    ...Object.entries(done.skipped).map(([name, count]) => `  ${count} skipped: nothing here reads ${name}`),
    `Next: ${next(done, dryRun)}`,
    '',
  ].join('\n')
}

function next({ changed, recovered }: Answered, dryRun: boolean): string {
  if (changed + recovered === 0) return 'nothing, every kept item reads as it is recorded'
  return dryRun
    ? 'the same command without --dry-run writes this'
    : 'look at one of them (GET /api/messages/<id>); the same command again changes nothing more'
}

function table(changes: Answered['changes']): string[] {
  const lines = changes.map(({ provider, eventId, before, after }) => [
    provider,
    cut(eventId),
    Object.keys(after)
      .map((name) => `${name}: ${difference(name, before[name], after[name])}`)
      .join(', '),
  ])
  const wide = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const [first, second] = [wide(0), wide(1)]
  return lines.map(
    ([provider = '', id = '', what]) => `  ${provider.padEnd(first)}  ${id.padEnd(second)}  ${what}`,
  )
}

function difference(name: string, before: unknown, after: unknown): string {
  return personal.has(name) ? 'another' : `${written(before)} → ${written(after)}`
}

function written(value: unknown): string {
  if (value === null || value === undefined) return '–'
  return cut(typeof value === 'string' ? value : JSON.stringify(value))
}

/** One line of a terminal: what providers write may hold its control sequences. */
function cut(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, ' ')
  return plain.length > longestValue ? `${plain.slice(0, longestValue - 1)}…` : plain
}

function total(tally: Record<string, number>): number {
  return Object.values(tally).reduce((all, count) => all + count, 0)
}
