import type { KeptItem, Rewritten, UnreadItem } from '../answers.ts'
import * as answers from '../answers.ts'
import type { Call } from '../call.ts'
import type { ItemFilter } from '../kept.ts'
import type { BatchRows } from '../rows.ts'

/** What replay reads again, and what it writes. */
export const replayCalls = (call: Call) => ({
  async listKeptItems(filter: ItemFilter): Promise<KeptItem[]> {
    return answers.keptItems.parse(await call('list_kept_items', itemsOf(filter)))
  },

  async listUnreadItems(filter: ItemFilter): Promise<UnreadItem[]> {
    return answers.unreadItems.parse(await call('list_unread_items', itemsOf(filter)))
  },

  async markReplayed(ids: number[], now: Date): Promise<void> {
    await call('mark_replayed', { ids, as_of: now })
  },

  async rewriteEvents(
    events: BatchRows['events'],
    { dryRun, effects = false }: { dryRun: boolean; effects?: boolean },
  ): Promise<Rewritten> {
    return answers.rewritten.parse(await call('rewrite_events', { events, dry_run: dryRun, effects }))
  },
})

function itemsOf({ provider, since, afterId, limit }: ItemFilter) {
  return { told_by: provider, since, after_id: afterId, at_most: limit }
}
