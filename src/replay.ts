import type { Log } from './log.ts'
import type { ItemReader } from './provider.ts'
import { type Position, replayCursor, startOfReplay } from './replay-cursor.ts'
import { replayEvents } from './replay-events.ts'
import { replayQuarantine } from './replay-quarantine.ts'
import { sum } from './replay-reading.ts'
import type { Rewritten } from './store/answers.ts'
import type { Store } from './store/store.ts'
import { view } from './view.ts'

export interface Replayed {
  /** How many kept and quarantined items were looked at. */
  read: number
  /** How many events read differently now. */
  changed: number
  /** The first of them: only the fields that differ. */
  changes: Rewritten['changed']
  /** How many events quarantined items gave that nobody could read before. */
  recovered: number
  /** Reason → how many items cannot be read; what was kept of them stays as it is. */
  unreadable: Record<string, number>
  /** Provider → how many items were left alone, since nothing here reads them. */
  skipped: Record<string, number>
  /** How many messages were rebuilt; one whose events lie in two pages counts twice. */
  messages: number
  /** Where to go on; undefined: everything was read. */
  next: Position | undefined
}

export interface ReplayTools {
  store: Pick<Store, 'listKeptItems' | 'listUnreadItems' | 'markReplayed' | 'rewriteEvents' | 'recordRows'>
  readers: ReadonlyMap<string, ItemReader>
  log: Log
  now: () => Date
}

export interface ReplayWish {
  since: Date
  provider?: string | undefined
  /** Says what would change, and writes nothing. */
  dryRun: boolean
  /** The CRM is told, and a step of an escalation goes out, where what is read differs now. */
  effects: boolean
  from?: Position | undefined
  /** Stops at a page's end once so many items were read. */
  atMost?: number | undefined
}

const mostChangesShown = 100
const pages = { events: replayEvents, quarantined: replayQuarantine }

/**
 * Reads what webhooks told, and what was quarantined of it, again with today's mapping: the events are rewritten in place
 * and their messages rebuilt from all that is known. Nothing follows from it unless `effects` are wished. A second run
 * changes nothing.
 */
export async function replay(
  tools: ReplayTools,
  wish: ReplayWish,
  onProgress: (soFar: Replayed) => void = () => {},
): Promise<Replayed> {
  let result: Replayed = { ...nothing, next: wish.from ?? startOfReplay }
  while (result.next && result.read < (wish.atMost ?? Number.POSITIVE_INFINITY)) {
    const { of, after } = result.next
    result = together(result, await pages[of](tools, wish, after))
    onProgress(result)
  }
  const { changes: _shown, next: _position, ...counts } = result
  tools.log.info('replay_ended', { dryRun: wish.dryRun, done: result.next === undefined, ...counts })
  return result
}

const nothing: Omit<Replayed, 'next'> = {
  read: 0,
  changed: 0,
  changes: [],
  recovered: 0,
  unreadable: {},
  skipped: {},
  messages: 0,
}

/** What was done so far, and one page more. */
function together(soFar: Replayed, page: Replayed): Replayed {
  return {
    read: soFar.read + page.read,
    changed: soFar.changed + page.changed,
    changes: [...soFar.changes, ...page.changes].slice(0, mostChangesShown),
    recovered: soFar.recovered + page.recovered,
    unreadable: sum(soFar.unreadable, page.unreadable),
    skipped: sum(soFar.skipped, page.skipped),
    messages: soFar.messages + page.messages,
    next: page.next,
  }
}

/** A result as the outside sees it: camelCase, and where to go on as a cursor (null: everything was read). */
export function replayAnswer({ next, changes, ...counts }: Replayed) {
  return {
    ...counts,
    changes: changes.map(({ before, after, ...event }) => ({
      ...view(event),
      before: view(before),
      after: view(after),
    })),
    nextCursor: next ? replayCursor(next) : null,
  }
}
