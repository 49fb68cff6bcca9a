import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** What is counted, for Prometheus; names start with `comms_`, times are in seconds. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'comms_' })
  const registers = [registry]
  return {
    registry,
    webhooks: new Counter({
      name: 'comms_webhooks_total',
      help: 'Webhooks by what became of them: kept, or refused because they proved nothing',
      labelNames: ['provider', 'result'] as const,
      registers,
    }),
    events: new Counter({
      name: 'comms_events_total',
      help: 'Events that were told, by whether we had them already or could not read them',
      labelNames: ['result'] as const,
      registers,
    }),
    attempts: new Counter({
      name: 'comms_attempts_total',
      help: 'Attempts to send by their outcome',
      labelNames: ['provider', 'outcome'] as const,
      registers,
    }),
    failovers: new Counter({
      name: 'comms_failovers_total',
      help: 'Messages handed to the provider that takes over from another',
      labelNames: ['from', 'to'] as const,
      registers,
    }),
    reconciled: new Counter({
      name: 'comms_reconciled_total',
      help: 'Look-ups at providers, events that no webhook had told, and messages of people that had been missed',
      labelNames: ['what'] as const,
      registers,
    }),
    unreadRefusals: new Counter({
      name: 'comms_unread_refusals_total',
      help: 'Messages of people that may ask not to be written to, where there is no CRM in which somebody could be asked',
      registers,
    }),
    jobs: new Counter({
      name: 'comms_jobs_total',
      help: 'Work that followed from what was told: done, failed (and tried again), dead (given up)',
      labelNames: ['kind', 'result'] as const,
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'comms_commit_seconds',
      help: 'How long one commit of events took',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'comms_request_seconds',
      help: 'How long requests took to answer',
      labelNames: ['door', 'status'] as const,
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 15],
      registers,
    }),
    jobsHeldUpSince: new Gauge({
      name: 'comms_jobs_held_up_since_timestamp_seconds',
      help: 'Since when the work that follows waits for somebody who does not answer, such as the CRM; 0: it does not wait',
      registers,
    }),
    /** Shows how the database is, and what waits in the spool for it, whenever somebody asks. */
    watchDatabase(state: () => { word: string; bytes: number; oldestAt: Date | undefined }): void {
      new Gauge({
        name: 'comms_database',
        help: 'Whether the database is busy (it takes what is told late), or away (it does not answer): 1 of the word that is true',
        labelNames: ['is'] as const,
        registers,
        collect() {
          for (const word of ['busy', 'away']) this.set({ is: word }, state().word === word ? 1 : 0)
        },
      })
      new Gauge({
        name: 'comms_spool_bytes',
        help: 'What waits on the disk for the database',
        registers,
        collect() {
          this.set(state().bytes)
        },
      })
      new Gauge({
        name: 'comms_spool_oldest_timestamp_seconds',
        help: 'When the oldest of it was written; 0: nothing waits',
        registers,
        collect() {
          this.set((state().oldestAt?.getTime() ?? 0) / 1_000)
        },
      })
    },
  }
}
