import { setTimeout as pause } from 'node:timers/promises'
import type { MessageEvent } from './event.ts'
import { type Log, withLogFields } from './log.ts'
import { channels } from './message.ts'
import type { Metrics } from './metrics.ts'
import { firstCheckMs } from './patience.ts'
import { reservedMessage } from './payload.ts'
import type { Provider } from './provider.ts'
import type { Row, Store } from './store/store.ts'

const checksARound = 20
const inboundEveryMs = 3_600_000
const reportEveryMs = 24 * 3_600_000
/** Where no message of a person was ever kept: as far back as every provider still tells. */
const firstLookBackMs = 24 * 3_600_000

export interface Reconciled {
  /** Look-ups made, those that told what no webhook had told, and messages of people that had been missed. */
  asked: number
  repaired: number
  inbound: number
}

export type Reconciler = ReturnType<typeof createReconciler>

/**
 * Asks the providers what their webhooks should have said: what became of messages without an end, whether a send of
 * unknown outcome is there after all, what people wrote while we were away. What is found is recorded under the webhook's
 * own event ids, so that a late webhook changes nothing.
 */
export function createReconciler(options: {
  store: Store
  providers: ReadonlyMap<string, Provider>
  metrics: Metrics
  log: Log
  now: () => Date
}) {
  const { store, providers, metrics, log, now } = options
  const total: Reconciled = { asked: 0, repaired: 0, inbound: 0 }
  let lastInbound = 0
  let lastReport = now().getTime()

  async function record(events: MessageEvent[]): Promise<number> {
    if (events.length === 0) return 0
    const timed = events.map((event) => ({ event, requestId: undefined }))
    return (await store.recordEvents({ events: timed, outcomes: [], quarantined: [] })).recorded
  }

  async function check(row: Row): Promise<void> {
    const provider = providers.get(String(row.provider))
    if (!provider) return
    await withLogFields({ messageId: row.id, requestId: row.request_id }, async () => {
      try {
        const repaired = await record(await told(provider, row))
        total.asked++
        metrics.reconciled.inc({ what: 'asked' })
        metrics.reconciled.inc({ what: 'repaired' }, repaired)
        total.repaired += repaired
        if (repaired > 0) log.info('missed_events_found', { provider: provider.name, events: repaired })
      } catch (error) {
        log.warn('look_up_failed', { provider: provider.name, error })
      }
    })
    await pause(provider.lookUpPauseMs ?? 0)
  }

  async function checkMessages(): Promise<void> {
    const due = await store.claimChecks({
      limit: checksARound,
      firstPauseSeconds: firstCheckMs.sms / 1_000,
      now: now(),
    })
    for (const row of due) await check(row)
  }

  async function checkInbound(): Promise<void> {
    for (const provider of providers.values()) {
      if (!provider.inboundSince) continue
      try {
        const since = await store.lastInbound(provider.name)
        const events = await provider.inboundSince(since ?? new Date(now().getTime() - firstLookBackMs))
        const missed = await record(events)
        total.inbound += missed
        metrics.reconciled.inc({ what: 'inbound' }, missed)
        if (missed > 0) log.warn('missed_inbound_found', { provider: provider.name, messages: missed })
      } catch (error) {
        log.warn('inbound_look_up_failed', { provider: provider.name, error })
      }
    }
  }

  return {
    /**
     * Asks about the messages that are due to be asked about; every hour, and the first time, lists what people wrote
     * since the last that we know of (while we were away is when most is missed); once a day says how it went.
     */
    async round(): Promise<void> {
      await checkMessages()
      const time = now().getTime()
      if (time - lastInbound >= inboundEveryMs) {
        lastInbound = time
        await checkInbound()
      }
      if (time - lastReport >= reportEveryMs) {
        lastReport = time
        log.info('reconciled', { ...total })
      }
    },

    /** What was asked, missed and repaired since the process started. */
    total: (): Reconciled => ({ ...total }),
  }
}

/** What the provider says of one message: one it has accepted, or one whose outcome is unknown. */
async function told(provider: Provider, row: Row): Promise<MessageEvent[]> {
  if (row.status === 'unknown' && row.provider_message_id === null) {
    const attemptedAt = new Date(String(row.attempted_at))
    return (await provider.find?.(reservedMessage(row), attemptedAt)) ?? []
  }
  const channel = channels.find((candidate) => candidate === row.channel)
  if (!channel || typeof row.provider_message_id !== 'string') return []
  const message = {
    id: String(row.id),
    channel,
    providerMessageId: row.provider_message_id,
    recipient: String(row.recipient),
  }
  return (await provider.status?.(message)) ?? []
}
