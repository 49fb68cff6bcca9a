import { type Attempts, leaseSeconds } from './attempt.ts'
import type { Ingest } from './ingest.ts'
import { type Log, withLogFields } from './log.ts'
import { createLoop } from './loop.ts'
import { reservedMessage } from './payload.ts'
import type { Provider } from './provider.ts'
import type { Row, Store } from './store/store.ts'

const unhealthyAfterMs = 60_000
const atOnce = 10

export type Worker = ReturnType<typeof createWorker>

/**
 * Does what is due, again and again: ends attempts whose process died, brings parked receipts and their messages
 * together, makes due attempts. Several processes may do so on one database: each piece of work is given to one.
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
  const { store, ingest, attempts, providers, owner, log, now } = options
  let lastRound = now().getTime()

  async function round(): Promise<void> {
    // While anything lies in a spool the database tells old news: nothing is decided on them.
    if (ingest.state().bytes > 0) return
    const expired = await store.endExpiredAttempts()
    if (expired.length > 0) log.warn('attempts_expired', { messageIds: expired })
    const matched = await store.matchParkedEvents()
    if (matched > 0) log.info('parked_events_matched', { messages: matched })
    const due = await store.claimDue({ owner, leaseSeconds, limit: atOnce })
    await Promise.all(due.map(attempt))
    lastRound = now().getTime()
  }

  async function attempt(row: Row): Promise<void> {
    const requestId = typeof row.request_id === 'string' ? row.request_id : undefined
    await withLogFields({ requestId, messageId: row.id }, async () => {
      const provider = providers.get(String(row.provider)) ?? switchedOff(String(row.provider))
      await attempts.run(provider, reservedMessage(row), {
        number: Number(row.attempts),
        expiresAt: typeof row.expires_at === 'string' ? new Date(row.expires_at) : undefined,
        requestId,
      })
    })
  }

  const rounds = createLoop(round, options.everyMs ?? 1_000, (error) =>
    log.error('worker_round_failed', { error }),
  )
  return {
    ...rounds,
    round,
    healthy: () => now().getTime() - lastRound < unhealthyAfterMs,
  }
}

/** A provider that was on when the message was reserved and is off now: the attempt says so. */
function switchedOff(name: string): Provider {
  return { name, channels: [] }
}
