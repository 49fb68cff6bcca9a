import type { RequestListener } from 'node:http'
import { createApp } from './app.ts'
import { createAttempts } from './attempt.ts'
import type { Config } from './config.ts'
import { createDeliver } from './deliver.ts'
import { createIngest } from './ingest.ts'
import type { Log } from './log.ts'
import { createLoop } from './loop.ts'
import { createMetrics } from './metrics.ts'
import { createPhantoms } from './phantoms.ts'
import type { Providers } from './providers.ts'
import { createReceive } from './receive.ts'
import { createReconciler } from './reconcile.ts'
import { createRecorder } from './recorder.ts'
import type { Spool } from './spool/spool.ts'
import type { Store } from './store/store.ts'
import { createWorker } from './worker.ts'

const drainEveryMs = 500
const reconcileEveryMs = 5_000

export interface House {
  app: RequestListener
  /** Begins the work that no request asks for. */
  start(): void
  /** Ends it, and what is under way. */
  stop(): Promise<void>
}

/** The rooms put together: how a request reaches the providers, and how what they tell reaches the store. */
export function createHouse(foundation: {
  config: Config
  providers: Providers
  store: Store
  spool: Spool
  log: Log
  now: () => Date
  /** This process among those that share the database. */
  owner: string
  workerEveryMs: number | undefined
}): House {
  const { config, providers, store, spool, log, now, owner, workerEveryMs } = foundation
  const metrics = createMetrics()
  metrics.watchSpool(() => spool.pending())
  const recorder = createRecorder({ store, metrics })
  const ingest = createIngest({ store, recorder, spool, log, now })
  const attempts = createAttempts({ ingest, metrics, log, now })
  const phantoms = createPhantoms({ store, log, now })
  const deliver = createDeliver({ store, phantoms, attempts, providers, limits: config.limits, owner, now })
  const receive = createReceive({ ingest, metrics, log })
  const reconciler = createReconciler({ store, recorder, providers: providers.on, metrics, log, now })
  const worker = createWorker({
    store,
    ingest,
    phantoms,
    attempts,
    providers: providers.on,
    owner,
    log,
    now,
    everyMs: workerEveryMs,
  })
  const reconciles = createLoop(
    async () => {
      if (!ingest.behind()) await reconciler.round()
    },
    workerEveryMs ?? reconcileEveryMs,
    (error) => log.error('reconciliation_failed', { error }),
  )
  const drains = createLoop(ingest.drain, drainEveryMs, (error) => log.warn('spool_not_drained', { error }))
  return {
    app: createApp({ config, providers, store, ingest, deliver, receive, worker, metrics, log, now }),
    start() {
      worker.start()
      drains.start()
      reconciles.start()
    },
    async stop() {
      await Promise.all([worker.stop(), reconciles.stop(), attempts.ended()])
      await drains.stop()
      for (const provider of providers.on.values()) await provider.close?.()
    },
  }
}
