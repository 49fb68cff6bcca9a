import { UnreadableItem } from './errors.ts'
import type { MessageEvent } from './event.ts'
import { tooDeep } from './json.ts'
import type { Item, ItemReader } from './provider.ts'
import type { Replayed, ReplayTools, ReplayWish } from './replay.ts'
import type { Position } from './replay-cursor.ts'
import type { KeptItem, Rewritten, UnreadItem } from './store/answers.ts'
import { StoreError } from './store/database.ts'
import { type BatchRows, eventRow } from './store/rows.ts'

type Rows = BatchRows['events']

const pageSize = 200
const mostChangesShown = 100

/** One page of each kind: adds to the result what it does, and gives the position of the next page. */
export function replayPages({ store, readers, log, now }: ReplayTools, wish: ReplayWish, result: Replayed) {
  const { since, provider, dryRun } = wish

  async function keptEvents(afterId: number): Promise<Position> {
    const items = await store.listKeptItems({ provider, since, afterId, limit: pageSize })
    const { changed, messages } = await rewritten(items.flatMap(rowOf))
    result.read += items.length
    result.changed += changed.length
    result.changes.push(...changed.slice(0, mostChangesShown - result.changes.length))
    result.messages += messages
    const last = items.length === pageSize ? items.at(-1) : undefined
    return last ? { of: 'events', after: last.id } : { of: 'quarantined', after: 0 }
  }

  async function quarantinedItems(afterId: number): Promise<Position | undefined> {
    const items = await store.listUnreadItems({ provider, since, afterId, limit: pageSize })
    const recovered: number[] = []
    for (const item of items) if (await recover(item)) recovered.push(item.id)
    if (!dryRun && recovered.length > 0) await store.markReplayed(recovered, now())
    result.read += items.length
    const last = items.length === pageSize ? items.at(-1) : undefined
    return last && { of: 'quarantined', after: last.id }
  }

  /** The row that a kept item's event should have; none where it cannot be read. */
  function rowOf(kept: KeptItem): Rows {
    const { provider, event_id: id, request_id } = kept
    const reader = readers.get(provider)
    if (!reader) return skip(provider)
    return read(provider, () => {
      const raw: unknown = kept.raw_text === null ? kept.raw : JSON.parse(kept.raw_text)
      const event = eventOf(reader, { id, raw, receivedAt: new Date(kept.received_at) })
      return [
        { ...eventRow({ event, requestId: request_id ?? undefined }), raw: undefined, raw_text: undefined },
      ]
    })
  }

  /** Whether all that a quarantined item tells is an event now. */
  async function recover(unread: UnreadItem): Promise<boolean> {
    const { provider, request_id } = unread
    const reader = readers.get(provider)
    if (!reader) return skip(provider).length > 0
    const items = read(provider, () => itemsOf(reader, unread))
    const rows = items.flatMap((item) =>
      read(provider, () => [eventRow({ event: eventOf(reader, item), requestId: request_id ?? undefined })]),
    )
    if (rows.length > 0 && !(await recorded(rows))) return false
    return rows.length > 0 && rows.length === items.length
  }

  async function recorded(events: Rows): Promise<boolean> {
    if (dryRun) {
      result.recovered += events.length
      return true
    }
    try {
      result.recovered += (await store.recordRows({ events, outcomes: [], quarantined: [] })).recorded
      return true
    } catch (error) {
      return refused(error)
    }
  }

  /** Rewrites these; where the database refuses one of their values, halves them until it stands alone. */
  async function rewritten(events: Rows): Promise<Rewritten> {
    try {
      return events.length === 0 ? nothing : await store.rewriteEvents(events, { dryRun })
    } catch (error) {
      if (!(error instanceof StoreError && error.badValue)) throw error
      if (events.length === 1) {
        refused(error)
        return nothing
      }
      const middle = Math.ceil(events.length / 2)
      const first = await rewritten(events.slice(0, middle))
      const rest = await rewritten(events.slice(middle))
      return { changed: [...first.changed, ...rest.changed], messages: first.messages + rest.messages }
    }
  }

  function read<Found>(provider: string, reading: () => Found[]): Found[] {
    try {
      return reading()
    } catch (error) {
      const understood = error instanceof UnreadableItem
      if (!understood) log.error('item_reading_failed', { provider, error })
      count(result.unreadable, understood ? error.message : `${provider}: reading failed here (see the log)`)
      return []
    }
  }

  function refused(error: unknown): false {
    if (!(error instanceof StoreError && error.badValue)) throw error
    count(result.unreadable, `the database refuses it: ${error.message}`)
    return false
  }

  function skip(provider: string): [] {
    count(result.skipped, provider)
    return []
  }

  return { events: keptEvents, quarantined: quarantinedItems }
}

const nothing: Rewritten = { changed: [], messages: 0 }

function eventOf(reader: ItemReader, item: Item): MessageEvent {
  if (tooDeep(item.raw)) throw new UnreadableItem('nested too deep to be read')
  return reader.event(item)
}

/** The one item that bytes with an id are, else those of a whole body. */
function itemsOf(reader: ItemReader, { event_id: id, bytes, received_at }: UnreadItem): Item[] {
  const body = Buffer.from(bytes, 'base64')
  const receivedAt = new Date(received_at)
  if (id !== null) return [{ id, raw: JSON.parse(body.toString()), receivedAt }]
  // Its headers and address were not kept: a provider that needs them for its items cannot read it.
  return reader.items({ method: 'POST', urls: [], headers: {}, body, receivedAt })
}

function count(tally: Record<string, number>, key: string): void {
  tally[key] = (tally[key] ?? 0) + 1
}
