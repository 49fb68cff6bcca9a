import type { KeptItem, Rewritten } from '#src/store/calls/replay.ts'
import { type BatchRows, eventRow } from '#src/store/rows.ts'
import type { Store } from '#src/store/store.ts'
import { counted, eventOf, type Reading, reading, whyNotTaken } from './reading.ts'
import type { Replayed, ReplayTools, ReplayWish } from './replayed.ts'

type Rows = BatchRows['events']

const pageSize = 200
/** Ids that one page goes through: most of what was told before is passed over by a few pages, each of them soon. */
const reach = 50_000

/** One page of the kept events after an id, read and rewritten; after the last, the quarantine is next. */
export async function replayEvents(
  tools: ReplayTools,
  { provider, since, ...how }: ReplayWish,
  afterId: number,
): Promise<Replayed> {
  const { items, next } = await tools.store.listKeptItems({
    provider,
    since,
    afterId,
    limit: pageSize,
    reach,
  })
  const readings = items.map((kept) => rowOf(tools, kept))
  const rows = readings.flatMap(({ found }) => found)
  const { changed, messages, refused } = await rewritten(tools.store, rows, how)
  return {
    read: items.length,
    changed: changed.length,
    changes: changed,
    recovered: 0,
    unreadable: counted([...readings.map(({ unreadable }) => unreadable), ...refused]),
    skipped: counted(readings.map(({ skipped }) => skipped)),
    messages,
    next: next === undefined ? { of: 'quarantined', after: 0 } : { of: 'events', after: next },
  }
}

/** The row that a kept item's event should have. */
function rowOf(tools: ReplayTools, kept: KeptItem): Reading<Rows[number]> {
  const { provider, event_id: id, request_id: requestId } = kept
  return reading(tools, provider, (reader) => {
    const raw: unknown = kept.raw_text === null ? kept.raw : JSON.parse(kept.raw_text)
    const event = eventOf(reader, { id, raw, receivedAt: new Date(kept.received_at) })
    return [
      { ...eventRow({ event, requestId: requestId ?? undefined }), raw: undefined, raw_text: undefined },
    ]
  })
}

/** Rewrites these; where the database refuses one of their values, halves them until it stands alone. */
async function rewritten(
  store: Pick<Store, 'rewriteEvents'>,
  events: Rows,
  how: Pick<ReplayWish, 'dryRun' | 'effects'>,
): Promise<Rewritten & { refused: string[] }> {
  if (events.length === 0) return { changed: [], messages: 0, refused: [] }
  try {
    return { ...(await store.rewriteEvents(events, how)), refused: [] }
  } catch (error) {
    const reason = whyNotTaken(error)
    if (events.length === 1) return { changed: [], messages: 0, refused: [reason] }
    const middle = Math.ceil(events.length / 2)
    const first = await rewritten(store, events.slice(0, middle), how)
    const rest = await rewritten(store, events.slice(middle), how)
    return {
      changed: [...first.changed, ...rest.changed],
      messages: first.messages + rest.messages,
      refused: [...first.refused, ...rest.refused],
    }
  }
}
