import { tellFailedOver } from '#src/carriers/failed-over.ts'
import type { Stops } from '#src/carriers/stops.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Metrics } from '#src/runtime/metrics.ts'
import type { Recorded } from '#src/store/calls/events.ts'
import { recordIsolated } from '#src/store/isolate.ts'
import type { BatchRows, EventRow } from '#src/store/rows.ts'
import type { Store } from '#src/store/store.ts'

interface Kept {
  counts: Omit<Recorded, 'states' | 'handed_on'>
  /** What the database refused: it is quarantined. */
  refused: ReadonlySet<EventRow>
}
export type Recorder = ReturnType<typeof createRecorder>

/**
 * Writes a batch into the database and counts it, whoever told it: a webhook, the spool or a look-up. What the database
 * refuses is quarantined alone, with a warning. An operator is alerted once where a provider takes nothing any more, whichever process
 * hears of it. Throws StoreError where nothing was kept.
 */
export function createRecorder(options: {
  store: Store
  stops: Pick<Stops, 'opened'>
  metrics: Metrics
  log: Log
}) {
  const { store, stops, metrics, log } = options
  /** What was told is kept by then; what is missed now is seen at the next bounce. */
  async function suppressBouncing({ events }: BatchRows): Promise<void> {
    const addresses = events.flatMap((event) => (bouncedForNow(event) ? [event.recipient] : []))
    if (addresses.length === 0) return
    try {
      const count = await store.suppressBouncing(addresses)
      if (count > 0) log.info('addresses_suppressed', { channel: 'email', reason: 'soft_bounces', count })
    } catch (error) {
      log.warn('soft_bounces_not_counted', { error })
    }
  }

  return async function record(rows: BatchRows): Promise<Kept> {
    const measured = metrics.commitSeconds.startTimer()
    try {
      const refused = new Set<EventRow>()
      const done = await recordIsolated(store, rows, (event, { message, sqlstate }) => {
        refused.add(event)
        log.warn('event_refused', {
          provider: event.provider,
          eventId: event.event_id,
          reason: message,
          sqlstate,
        })
      })
      const { states = [], handed_on: handedOn = [], ...recorded } = done
      metrics.events.inc({ result: 'recorded' }, recorded.recorded)
      metrics.events.inc({ result: 'repeated' }, recorded.repeated)
      metrics.events.inc({ result: 'quarantined' }, recorded.quarantined)
      for (const { message_id: messageId, ...handed } of handedOn)
        tellFailedOver({ metrics, log }, { messageId, ...handed, code: 'cleared' })
      for (const { provider, state, open, was_open: wasOpen } of states) {
        if (!open) log.error('provider_stopped', { provider, state })
        else if (!wasOpen) log.info('provider_resumed', { provider, state })
      }
      // Also where the database sees no change: that it was closed may have been told to a send alone.
      for (const { provider, provider_state: state, occurred_at: at } of rows.events)
        if (state?.open) stops.opened(provider, new Date(at))
      await suppressBouncing(rows)
      return { counts: recorded, refused }
    } finally {
      measured()
    }
  }
}

function bouncedForNow(event: EventRow): event is EventRow & { recipient: string } {
  const { type, bounce_class: bounceClass, recipient } = event
  return type === 'bounced' && bounceClass === 'soft' && typeof recipient === 'string' && recipient !== ''
}
