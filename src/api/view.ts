import { oneOfSeveral } from '#src/model/event.ts'
import type { ShownEscalation } from '#src/store/shown.ts'

/** Columns that are ours alone: how a row is worked with, not what it says. */
const internal = new Set([
  'phase',
  'guessable',
  'again',
  'raw_text',
  'lease_until',
  'owner',
  'attempts_before',
  'check_at',
  'checks',
  'traced',
  'fallback',
])

/** Values that came from outside whole, and are shown as they came. */
const foreign = new Set(['raw', 'metadata', 'media', 'warnings'])

/** A row as the outside sees it: camelCase, times in ISO 8601 UTC. */
export function view(row: object): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  const columns: [string, unknown][] = Object.entries(row)
  for (const [column, value] of columns) {
    if (!internal.has(column))
      shown[camelCase(column)] = foreign.has(column) ? value : shownValue(column, value)
  }
  return shown
}

/**
 * What a message's escalation has come to: its steps, by which message its person was reached (null: not yet), and what stopped
 * it (null: nothing).
 */
export function escalationView({ id, reached_by, stopped, steps }: ShownEscalation): Record<string, unknown> {
  return { id, reachedBy: reached_by === null ? null : view(reached_by), stopped, steps: steps.map(view) }
}

function shownValue(column: string, value: unknown): unknown {
  if (column === 'recipient' && value === oneOfSeveral) return null
  return (column === 'at' || column.endsWith('_at')) && typeof value === 'string'
    ? new Date(value).toISOString()
    : value
}

function camelCase(column: string): string {
  return column.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
