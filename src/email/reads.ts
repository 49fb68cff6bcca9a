import { createHash } from 'node:crypto'
import { type EventReading, providerEvent } from '#src/model/event.ts'
import { readBy } from '#src/model/machine.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'

/** Somebody or something loaded our pixel, or followed a link of ours. */
export interface Read {
  messageId: string
  /** Where the link leads; undefined: it was the pixel. */
  url?: string | undefined
  agent: string | undefined
  requestId: string
}

export type Reads = ReturnType<typeof createReads>

/** How many may wait to be kept, before the next are lost rather than held in memory. */
const mostWaiting = 10_000
/** Whoever asks what a link is before following it is a program. */
const lookedWithinMs = 60_000
const mostLooks = 10_000

/**
 * Keeps opens and clicks, as everything that is told: with others in one commit, on the disk where the database is away. Nobody
 * waits for it. `clock`: a monotonic one, in ms.
 */
export function createReads(options: {
  ingest: Pick<Ingest, 'record'>
  log: Log
  now: () => Date
  clock: () => number
}) {
  const { ingest, log, now, clock } = options
  const waiting = new Set<Promise<void>>()
  const looks = new Map<string, number>()
  /** Said once, until one is kept again: as many may follow as mails are open. */
  let losing = false

  function lost(error?: unknown): void {
    if (!losing) log.error('reads_lost', { waiting: waiting.size, ...(error === undefined ? {} : { error }) })
    losing = true
  }

  async function keep({ requestId, ...read }: Read): Promise<void> {
    const looked = clock() - (looks.get(read.messageId) ?? Number.NEGATIVE_INFINITY) < lookedWithinMs
    try {
      await ingest.record({ events: [{ event: eventOf(read, looked, now()), requestId }] })
      losing = false
    } catch (error) {
      lost(error)
    }
  }

  return {
    /** A read is kept after its answer, and never makes that fail. */
    note(read: Read): void {
      if (waiting.size >= mostWaiting) {
        lost()
        return
      }
      const keeping = keep(read)
      waiting.add(keeping)
      void keeping.finally(() => waiting.delete(keeping))
    },

    /** It was asked what is there (HEAD), and not for the thing itself: that counts for nothing, and what follows is known by it. */
    looked(messageId: string): void {
      looks.delete(messageId)
      looks.set(messageId, clock())
      const [oldest] = looks.keys()
      if (looks.size > mostLooks && oldest !== undefined) looks.delete(oldest)
    },

    /** Resolves when all that was noted is kept. */
    async ended(): Promise<void> {
      while (waiting.size > 0) await Promise.all(waiting)
    },
  }
}

/** Nothing of it says from where it was asked: readers' addresses are not kept. */
function eventOf({ messageId, url, agent }: Omit<Read, 'requestId'>, looked: boolean, at: Date) {
  const raw = { kind: url === undefined ? 'open' : 'click', url, agent: agent?.slice(0, 500) }
  // A program that loads a picture twice at once tells one thing.
  const second = Math.floor(at.getTime() / 1_000)
  const id = createHash('sha256')
    .update(JSON.stringify([messageId, raw, second]))
    .digest('hex')
  const reading: EventReading = {
    type: url === undefined ? 'opened' : 'clicked',
    providerType: url === undefined ? 'pixel' : 'link',
    channel: 'email',
    messageId,
    occurredAt: at,
    ...(url !== undefined && { url }),
    ...verdict(agent, looked),
  }
  return providerEvent('tracking', { id, raw, receivedAt: at }, reading, 'pixel')
}

function verdict(agent: string | undefined, looked: boolean): { machine?: true; reason?: string } {
  if (looked) return { machine: true, reason: 'by a machine (looked first, by HEAD)' }
  if (!agent?.trim()) return { machine: true, reason: 'by a machine (names no agent)' }
  return readBy(agent)
}
