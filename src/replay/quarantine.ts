import type { Item, ItemReader } from '#src/contract/provider.ts'
import type { UnreadItem } from '#src/store/calls/replay.ts'
import { type BatchRows, eventRow } from '#src/store/rows.ts'
import { counted, eventOf, reading, whyNotTaken } from './reading.ts'
import type { Replayed, ReplayTools, ReplayWish } from './replayed.ts'

/** What became of one quarantined item. */
interface Recovery {
  events: number
  /** All that it tells is an event now. */
  whole: boolean
  unreadable: (string | undefined)[]
  skipped?: string | undefined
}

const pageSize = 200

/** One page of what is quarantined after an id: what can be read now is recorded, and marked where nothing of it is left. */
export async function replayQuarantine(
  tools: ReplayTools,
  wish: ReplayWish,
  afterId: number,
): Promise<Replayed> {
  const { provider, since, dryRun } = wish
  const items = await tools.store.listUnreadItems({ provider, since, afterId, limit: pageSize })
  const recoveries: Recovery[] = []
  for (const item of items) recoveries.push(await recovery(tools, item, wish))
  const whole = items.filter((_item, index) => recoveries[index]?.whole).map(({ id }) => id)
  if (!dryRun && whole.length > 0) await tools.store.markReplayed(whole, tools.now())
  const last = items.length === pageSize ? items.at(-1) : undefined
  return {
    read: items.length,
    changed: 0,
    changes: [],
    recovered: recoveries.reduce((sum, { events }) => sum + events, 0),
    unreadable: counted(recoveries.flatMap(({ unreadable }) => unreadable)),
    skipped: counted(recoveries.map(({ skipped }) => skipped)),
    messages: 0,
    next: last && { of: 'quarantined', after: last.id },
  }
}

async function recovery(tools: ReplayTools, unread: UnreadItem, wish: ReplayWish): Promise<Recovery> {
  const { provider, request_id: requestId } = unread
  const items = reading(tools, provider, (reader) => itemsOf(reader, unread))
  const readings = items.found.map((item) =>
    reading(tools, provider, (reader) => [
      eventRow({ event: eventOf(reader, item), requestId: requestId ?? undefined }),
    ]),
  )
  const rows = readings.flatMap(({ found }) => found)
  const { recorded, refused } = await record(tools, rows, wish)
  return {
    events: recorded,
    whole: refused === undefined && rows.length > 0 && rows.length === items.found.length,
    unreadable: [items.unreadable, ...readings.map(({ unreadable }) => unreadable), refused],
    skipped: items.skipped,
  }
}

/** How many of these are new events, or why the database takes none of them. */
async function record(
  { store }: ReplayTools,
  events: BatchRows['events'],
  { dryRun, effects }: ReplayWish,
): Promise<{ recorded: number; refused?: string }> {
  if (dryRun || events.length === 0) return { recorded: events.length }
  try {
    const { recorded } = await store.recordRows({ events, outcomes: [], quarantined: [] }, { effects })
    return { recorded }
  } catch (error) {
    return { recorded: 0, refused: whyNotTaken(error) }
  }
}

/** The one item that bytes with an id are, else those of a whole body. */
function itemsOf(reader: ItemReader, { event_id: id, bytes, received_at }: UnreadItem): Item[] {
  const body = Buffer.from(bytes, 'base64')
  const receivedAt = new Date(received_at)
  if (id !== null) return [{ id, raw: JSON.parse(body.toString()), receivedAt }]
  // Its headers and address were not kept: a provider that needs them for its items cannot read it.
  return reader.items({ method: 'POST', urls: [], headers: {}, body, receivedAt })
}
