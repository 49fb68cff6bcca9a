import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { jobsOf } from '#src/model/job.ts'
import type { Call } from '../call.ts'
import type { ItemFilter } from '../kept.ts'
import type { BatchRows } from '../rows.ts'
import { matching } from './events.ts'

const keptItem = z.object({
  id: z.number(),
  provider: z.string(),
  event_id: z.string(),
  received_at: z.string(),
  request_id: z.string().nullable(),
  raw: z.json().nullable(),
  raw_text: z.string().nullable(),
})
export type KeptItem = z.infer<typeof keptItem>

const unreadItem = keptItem
  .omit({ raw: true, raw_text: true })
  .extend({ event_id: z.string().nullable(), bytes: z.string() })
export type UnreadItem = z.infer<typeof unreadItem>

const keptItems = z.object({ items: z.array(keptItem), newest: z.number().nullable() })
/** A page of them. */
export interface KeptItems {
  items: KeptItem[]
  /** After which id to go on; undefined: there are no more. */
  next: number | undefined
}

/** What is read in an event, by its columns. */
const columns = z.record(z.string(), z.json())
type Columns = z.infer<typeof columns>
const reread = z.object({
  readings: z.array(
    z.object({ provider: z.string(), event_id: z.string(), before: columns, after: columns }),
  ),
  messages: z.number(),
})

export interface Rewritten {
  /** Whichever columns read differently now. */
  changed: { provider: string; event_id: string; before: Columns; after: Columns }[]
  /** How many messages are touched. */
  messages: number
}

/** What replay reads again, and what it writes. */
export const replayCalls = (call: Call) => ({
  /** A page goes through `reach` ids at most: it may be short, or empty, and not the last. */
  async listKeptItems({ reach, ...filter }: ItemFilter & { reach: number }): Promise<KeptItems> {
    const answer = await call('list_kept_items', { ...itemsOf(filter), reach })
    const { items, newest } = keptItems.parse(answer)
    const last = items.length === filter.limit ? items.at(-1)?.id : undefined
    const next = last ?? filter.afterId + reach
    return { items, next: next < (newest ?? 0) ? next : undefined }
  },

  async listUnreadItems(filter: ItemFilter): Promise<UnreadItem[]> {
    return z.array(unreadItem).parse(await call('list_unread_items', itemsOf(filter)))
  },

  async markReplayed(ids: number[], now: Date): Promise<void> {
    await call('mark_replayed', { ids, as_of: now })
  },

  async rewriteEvents(
    events: BatchRows['events'],
    { dryRun, effects = false }: { dryRun: boolean; effects?: boolean },
  ): Promise<Rewritten> {
    const follows = effects ? jobsOf : null
    const answer = await call('rewrite_events', { events, dry_run: dryRun, follows, ...matching })
    const { readings, messages } = reread.parse(answer)
    return { changed: readings.map(onlyWhatDiffers), messages }
  },
})

function itemsOf({ provider, since, afterId, limit }: ItemFilter) {
  return { told_by: provider, since, after_id: afterId, at_most: limit }
}

function onlyWhatDiffers({ provider, event_id, before, after }: Rewritten['changed'][number]) {
  const names = Object.keys(before).filter((name) => !isDeepStrictEqual(before[name], after[name]))
  const of = (reading: Columns) => Object.fromEntries(names.map((name) => [name, reading[name] ?? null]))
  return { provider, event_id, before: of(before), after: of(after) }
}
