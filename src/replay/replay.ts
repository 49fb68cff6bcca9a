import { view } from '#src/api/view.ts'
import { replayCursor, startOfReplay } from './cursor.ts'
import { replayEvents } from './events.ts'
import { replayQuarantine } from './quarantine.ts'
import { sum } from './reading.ts'
import type { Replayed, ReplayTools, ReplayWish } from './replayed.ts'

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
  for (let page = 0; result.next && page < (wish.pages ?? Number.POSITIVE_INFINITY); page++) {
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
