import { setTimeout as pause } from 'node:timers/promises'
import type { Provider } from '#src/contract/provider.ts'
import type { MessageEvent } from '#src/model/event.ts'
import {
  checkedForMs,
  checksARound,
  firstLookBackMs,
  inboundListedEveryMs,
  longestCheckPauseMs,
  lookBackMs,
  reconciliationReportedEveryMs,
  repeatCheckMs,
} from '#src/patience.ts'
import type { Recorder } from '#src/receiving/recorder.ts'
import { type Log, withLogFields } from '#src/runtime/log.ts'
import type { Metrics } from '#src/runtime/metrics.ts'
import type { MessageToAsk } from '#src/store/calls/events.ts'
import { batchRows } from '#src/store/rows.ts'
import type { Store } from '#src/store/store.ts'
import { createSuppressedThere } from './suppressed-there.ts'

interface Reconciled {
  /** Look-ups made, those that told what no webhook had told, and messages of people that had been missed. */
  asked: number
  repaired: number
  inbound: number
}

/**
 * Asks the providers what their webhooks should have said: what became of messages without an end, whether a send of
 * unknown outcome is there after all, whether they take messages, what people wrote while we were away. What is found is
 * recorded under the webhook's own event ids where the provider tells them, else as the same fact: a late webhook changes
 * nothing.
 */
export function createReconciler(options: {
  store: Store
  recorder: Recorder
  providers: ReadonlyMap<string, Provider>
  metrics: Metrics
  log: Log
  now: () => Date
  clock: () => number
}) {
  const { store, recorder, providers, metrics, log, now, clock } = options
  const suppressedThere = createSuppressedThere({ store, providers, record, log, now, clock })
  const total: Reconciled = { asked: 0, repaired: 0, inbound: 0 }
  /** When the people's messages of each provider were last listed. */
  const listedAt = new Map<string, number>()
  let lastList = Number.NEGATIVE_INFINITY
  let lastReport = clock()

  async function record(events: MessageEvent[]): Promise<number> {
    if (events.length === 0) return 0
    const timed = events.map((event) => ({ event, requestId: undefined }))
    return (await recorder(batchRows({ events: timed }))).counts.recorded
  }

  /** Whether the provider could be asked. */
  async function check(message: MessageToAsk, stopping?: AbortSignal): Promise<boolean> {
    const provider = providers.get(message.provider)
    if (!provider?.status) return false
    return withLogFields({ messageId: message.id, requestId: message.request_id }, async () => {
      try {
        const repaired = await record(await told(store, provider, message))
        total.asked++
        metrics.reconciled.inc({ what: 'asked' })
        metrics.reconciled.inc({ what: 'repaired' }, repaired)
        total.repaired += repaired
        if (repaired > 0) log.info('missed_events_found', { provider: provider.name, events: repaired })
        return true
      } catch (error) {
        log.warn('look_up_failed', { provider: provider.name, error })
        return false
      } finally {
        await pause(provider.lookUpPauseMs ?? 0, undefined, { signal: stopping }).catch(() => {})
      }
    })
  }

  /** What is not asked about before a stop is asked about later, as after any look-up that told nothing. */
  async function checkMessages(stopping?: AbortSignal): Promise<void> {
    const due = await store.claimChecks({
      limit: checksARound,
      firstPauseSeconds: repeatCheckMs / 1_000,
      longestPauseSeconds: longestCheckPauseMs / 1_000,
      untilSeconds: checkedForMs / 1_000,
    })
    for (const message of due) {
      if (stopping?.aborted) return
      await check(message, stopping)
    }
  }

  async function checkInbound(): Promise<void> {
    for (const provider of providers.values()) {
      if (!provider.inboundSince) continue
      try {
        const startedAt = clock()
        const events = await provider.inboundSince(await sinceWhen(provider.name))
        const missed = await record(events)
        listedAt.set(provider.name, startedAt)
        total.inbound += missed
        metrics.reconciled.inc({ what: 'inbound' }, missed)
        if (missed > 0) log.warn('missed_inbound_found', { provider: provider.name, messages: missed })
      } catch (error) {
        log.warn('inbound_look_up_failed', { provider: provider.name, error })
      }
    }
  }

  async function checkStates(): Promise<void> {
    for (const provider of providers.values()) {
      try {
        if (provider.state) await record([await provider.state()])
      } catch (error) {
        log.warn('state_look_up_failed', { provider: provider.name, error })
      }
    }
  }

  /** That a later message was heard of says nothing of those before it: only a listing does. */
  async function sinceWhen(provider: string): Promise<Date> {
    const time = now().getTime()
    const last = listedAt.get(provider)
    if (last !== undefined) return new Date(time - (clock() - last) - lookBackMs)
    const heard = (await store.lastInbound(provider))?.getTime() ?? time
    return new Date(Math.min(heard, time - firstLookBackMs))
  }

  return {
    askAbout: (message: MessageToAsk) => check(message),

    /**
     * Asks about the messages that are due to be asked about. Every hour, and the first time, it asks which providers take
     * messages, and lists what people wrote since the last listing: most is missed while we are away. Once a day it compares whom
     * the providers write to no more, and says how all that went.
     */
    async round(stopping?: AbortSignal): Promise<void> {
      await checkMessages(stopping)
      if (stopping?.aborted) return
      const time = clock()
      if (time - lastList >= inboundListedEveryMs) {
        lastList = time
        await checkStates()
        await checkInbound()
      }
      await suppressedThere.round(stopping)
      if (time - lastReport >= reconciliationReportedEveryMs) {
        lastReport = time
        log.info('reconciled', { ...total })
      }
    },
  }
}

/** What the provider says of one message: one it has accepted, or one whose outcome is unknown. */
async function told(
  store: Pick<Store, 'outgoing'>,
  provider: Provider,
  message: MessageToAsk,
): Promise<MessageEvent[]> {
  const { id, status, channel, provider_message_id: providerMessageId, recipient, attempted_at } = message
  if (status === 'unknown' && providerMessageId === undefined)
    return attempted_at ? ((await provider.find?.(await store.outgoing(id), attempted_at)) ?? []) : []
  if (!channel || providerMessageId === undefined) return []
  return (await provider.status?.({ id, channel, providerMessageId, recipient })) ?? []
}
