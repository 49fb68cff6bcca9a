import type { Item, ItemReader } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'
import { tooDeep } from '#src/model/json.ts'
import type { Log } from '#src/runtime/log.ts'
import { StoreError } from '#src/store/database.ts'

/** What a kept item reads as now, or why nothing does. */
export interface Reading<Found> {
  found: Found[]
  /** The reason. */
  unreadable?: string
  /** The provider, which nothing here reads. */
  skipped?: string
}

/** What a reader makes of one item; an error of its own is logged, and counts as unreadable. */
export function reading<Found>(
  tools: { readers: ReadonlyMap<string, ItemReader>; log: Log },
  provider: string,
  read: (reader: ItemReader) => Found[],
): Reading<Found> {
  const reader = tools.readers.get(provider)
  if (!reader) return { found: [], skipped: provider }
  try {
    return { found: read(reader) }
  } catch (error) {
    if (error instanceof UnreadableItem) return { found: [], unreadable: error.message }
    tools.log.error('item_reading_failed', { provider, error })
    return { found: [], unreadable: `${provider}: reading failed here (see the log)` }
  }
}

/** An item's event. Throws UnreadableItem. */
export function eventOf(reader: ItemReader, item: Item): MessageEvent {
  if (tooDeep(item.raw)) throw new UnreadableItem('nested too deep to be read')
  return reader.event(item)
}

/** Why the database does not take what was read. Throws the error where it is not for a bad value. */
export function whyNotTaken(error: unknown): string {
  if (!(error instanceof StoreError && error.badValue)) throw error
  return `the database refuses it: ${error.message}`
}

/** How often each is there. */
export function counted(keys: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const key of keys) if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1
  return counts
}

/** Two such counts as one. */
export function sum(first: Record<string, number>, second: Record<string, number>): Record<string, number> {
  const both = { ...first }
  for (const [name, count] of Object.entries(second)) both[name] = (both[name] ?? 0) + count
  return both
}
