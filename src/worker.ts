import { type Attempts, leaseSeconds } from './attempt.ts'
import type { Ingest } from './ingest.ts'
import { type Log, withLogFields } from './log.ts'
import { createLoop } from './loop.ts'
import { repeatableForMs } from './patience.ts'
import { reservedMessage } from './payload.ts'
import type { Provider } from './provider.ts'
import type { Row } from './store/kept.ts'
import type { Store } from './store/store.ts'

const unhealthyAfterMs = 60_000
const atOnce = 10

export type Worker = ReturnType<typeof createWorker>

/**
 * Does what no request asks for, again and again: ends attempts whose process died, brings parked receipts and their
 * messages together, makes the attempts that are due. Several processes may do so on one database: each piece of work is
 * given to one. A provider that is slow to answer holds one of the few places for sends, and nothing else.
 */
export function createWorker(options: {
  store: Store
  ingest: Ingest
  attempts: Attempts
  providers: ReadonlyMap<string, Provider>
  owner: string
  log: Log
  now: () => Date
  everyMs?: number | undefined
}) {
  const { store, ingest, attempts, providers, owner, log, now, everyMs = 1_000 } = options
  const failed = (error: unknown) => log.error('worker_round_failed', { error })
  const underWay = new Set<Promise<void>>()
  let lastTidy = now().getTime()

  async function tidy(): Promise<void> {
    if (ingest.behind()) return
    await expire()
    const matched = await store.matchParkedEvents()
    if (matched > 0) log.info('parked_events_matched', { messages: matched })
    lastTidy = now().getTime()
  }

  async function expire(): Promise<void> {
    const expired = await store.endExpiredAttempts()
    for (const { id, provider: name } of expired) {
      log.warn('attempt_expired', { messageId: id, provider: name })
      const provider = providers.get(name)
      await store.scheduleUnknown([id], {
        attempt: provider?.recognisesRepeats ? now() : undefined,
        check: provider?.find ? now() : undefined,
      })
    }
  }

  async function send(): Promise<void> {
    const free = atOnce - underWay.size
    if (free === 0 || ingest.behind()) return
    const due = await store.claimDue({
      owner,
      leaseSeconds,
      repeatSeconds: repeatableForMs / 1_000,
      limit: free,
    })
    for (const row of due) {
      const sending = attempt(row).catch(failed)
      underWay.add(sending)
      void sending.finally(() => underWay.delete(sending))
    }
  }

  async function attempt(row: Row): Promise<void> {
    const requestId = typeof row.request_id === 'string' ? row.request_id : undefined
    await withLogFields({ requestId, messageId: row.id }, async () => {
      const provider = providers.get(String(row.provider)) ?? switchedOff(String(row.provider))
      await attempts.run(provider, reservedMessage(row), {
        number: Number(row.attempts),
        before: Number(row.attempts_before),
        uncertain: row.uncertain === true,
        expiresAt: typeof row.expires_at === 'string' ? new Date(row.expires_at) : undefined,
        requestId,
      })
    })
  }

  const loops = [createLoop(tidy, everyMs, failed), createLoop(send, everyMs, failed)]
  return {
    start: () => loops.forEach((loop) => void loop.start()),
    /** Resolves when what is under way has ended. */
    async stop(): Promise<void> {
      await Promise.all(loops.map((loop) => loop.stop()))
      await Promise.all(underWay)
    },
    healthy: () => now().getTime() - lastTidy < unhealthyAfterMs,
  }
}

/** A provider that was on when the message was reserved and is off now: the attempt says so. */
function switchedOff(name: string): Provider {
  return { name, channels: [] }
}
