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

/** Whichever columns of an event read differently now. */
const columns = z.record(z.string(), z.json())
const rewritten = z.object({
  changed: z.array(z.object({ provider: z.string(), event_id: z.string(), before: columns, after: columns })),
  messages: z.number(),
})
export type Rewritten = z.infer<typeof rewritten>

/** What replay reads again, and what it writes. */
export const replayCalls = (call: Call) => ({
  async listKeptItems(filter: ItemFilter): Promise<KeptItem[]> {
    return z.array(keptItem).parse(await call('list_kept_items', itemsOf(filter)))
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
    return rewritten.parse(await call('rewrite_events', { events, dry_run: dryRun, follows, ...matching }))
  },
})

function itemsOf({ provider, since, afterId, limit }: ItemFilter) {
  return { told_by: provider, since, after_id: afterId, at_most: limit }
}
