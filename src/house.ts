import type { RequestListener } from 'node:http'
import { createApp } from './app.ts'
import { createBreaker } from './carriers/breaker.ts'
import { createPace } from './carriers/pace.ts'
import type { Providers } from './carriers/providers.ts'
import { createStops } from './carriers/stops.ts'
import { createWays } from './carriers/ways.ts'
import type { Config } from './config.ts'
import type { Crm } from './contract/crm.ts'
import { appointmentOver } from './crm/appointment-over.ts'
import { createAutoReply } from './crm/auto-reply.ts'
import { createJobs } from './crm/jobs.ts'
import { workOf, workWithoutCrm } from './crm/work.ts'
import { createBounceMailbox } from './email/bounce-mailbox.ts'
import type { Resolve } from './email/domain-findings.ts'
import { createEmail } from './email/email.ts'
import { createUnsubscribe } from './email/unsubscribe.ts'
import { createEscalation } from './escalation/escalation.ts'
import {
  countEveryMs,
  drainEveryMs,
  knownWithinMs,
  purgeEveryMs,
  reconcileEveryMs,
  staleQueuesEveryMs,
  workEveryMs,
} from './patience.ts'
import { createIngest } from './receiving/ingest.ts'
import { createReceive } from './receiving/receive.ts'
import { createRecorder } from './receiving/recorder.ts'
import { createReconciler } from './reconciliation/reconcile.ts'
import { createStaleQueues } from './reconciliation/stale-queue.ts'
import type { Log } from './runtime/log.ts'
import { createLoop } from './runtime/loop.ts'
import { createMetrics } from './runtime/metrics.ts'
import { createAttempts } from './sending/attempt.ts'
import { createDeliver } from './sending/deliver.ts'
import { createPhantoms } from './sending/phantoms.ts'
import { createTurns } from './sending/turns.ts'
import { createWorker } from './sending/worker.ts'
import type { Spool } from './spool/spool.ts'
import type { Store } from './store/store.ts'
import { createCounting } from './upkeep/counting.ts'
import { createPurging } from './upkeep/purging.ts'

/** So much of the spool is brought in within the time that a stop has. */
const mostBytesAtStop = 1_000_000

export interface House {
  app: RequestListener
  /** Begins the work that no request asks for. */
  start(): void
  /** Begins nothing more, and resolves when what is under way has ended; what requests began, once they are `answered`. */
  stop(answered?: Promise<void>): Promise<void>
}

/** The rooms put together: how a request reaches the providers, and how what they tell reaches the store. */
export function createHouse(foundation: {
  config: Config
  providers: Providers
  store: Store
  spool: Spool
  log: Log
  now: () => Date
  /** Milliseconds since whenever, by a clock that nobody sets: pauses inside the process go by it. */
  clock: () => number
  /** Undefined: there is none to tell. */
  crm: Crm | undefined
  /** The types of a CRM's records that are appointments: a message about one is a reminder. */
  appointmentTypes: readonly string[]
  /** This process among those that share the database. */
  owner: string
  workerEveryMs: number | undefined
  /** Asks the DNS; undefined: as this machine does. */
  resolve?: Resolve | undefined
}): House {
  const { config, providers, store, spool, log, now, clock, crm, appointmentTypes, owner, workerEveryMs } =
    foundation
  const metrics = createMetrics()
  const stops = createStops({ log, now, clock })
  const recorder = createRecorder({ store, stops, metrics, log })
  const ingest = createIngest({ store, recorder, spool, log, now })
  metrics.watchDatabase(ingest.state)
  const { window, sentences, timeZone } = config
  const breaker = createBreaker({ stops, log, clock })
  const pace = createPace({ log, clock })
  const ways = createWays({ providers, breaker, window, now })
  const email = createEmail({ config, ingest, log, now, clock })
  const { tracking, reads } = email
  const attempts = createAttempts({
    store,
    ingest,
    tracking,
    metrics,
    window,
    stops,
    breaker,
    pace,
    turns: createTurns({ store, pace, log }),
    owner,
    log,
    now,
    clock,
  })
  const unsubscribe = createUnsubscribe({ config, ingest, log, now })
  const phantoms = createPhantoms({ store, log, clock })
  const deliver = createDeliver({
    store,
    phantoms,
    attempts,
    ways,
    tracking,
    limits: config.limits,
    waits: { ages: config.ages, appointmentTypes },
    linkUnsubscribe: unsubscribe.link,
    traced: crm !== undefined,
    owner,
    now,
  })
  const receive = createReceive({ ingest, metrics, log })
  const reconciler = createReconciler({ store, recorder, providers: providers.on, metrics, log, now, clock })
  const worker = createWorker({
    store,
    ingest,
    phantoms,
    attempts,
    breaker,
    pace,
    ways,
    providers: providers.on,
    owner,
    log,
    now,
    clock,
    everyMs: workerEveryMs,
  })
  const autoReply = createAutoReply({ deliver, texts: config.autoReplies, sentences, timeZone, log })
  const work = crm ? workOf({ store, crm, autoReply, sentences, log, now }) : workWithoutCrm({ log, metrics })
  const jobs = createJobs({ store, work, owner, metrics, log, now, clock })
  const over = crm ? appointmentOver({ crm, log }) : async () => false
  const escalation = createEscalation({
    store,
    ingest,
    deliver,
    askAbout: reconciler.askAbout,
    over,
    log,
    clock,
  })
  const staleQueues = createStaleQueues({ store, ingest, providers: providers.on, log })
  const { mailbox, paths } = config.bounces
  const bounces =
    mailbox && createBounceMailbox({ settings: mailbox, paths, store, ingest, owner, log, now, clock })

  const repeated = (name: string, everyMs: number, round: (stopping: AbortSignal) => Promise<void>) =>
    createLoop(round, everyMs, (error) => log.error(`${name}_round_failed`, { error }))
  const loop = (...[name, everyMs, round]: Parameters<typeof repeated>) =>
    repeated(name, workerEveryMs ?? everyMs, round)
  /** Nothing is decided while the database does not know of what was told some time ago. */
  const knowing = (round: (stopping: AbortSignal) => Promise<void>) => async (stopping: AbortSignal) => {
    if (ingest.word() !== 'away' && ingest.lacksForMs() <= knownWithinMs) await round(stopping)
  }
  const drains = createLoop(ingest.drain, drainEveryMs, (error) => log.warn('spool_not_drained', { error }))
  const loops = [
    loop('reconciliation', reconcileEveryMs, knowing(reconciler.round)),
    loop('jobs', workEveryMs, knowing(jobs.round)),
    loop('stale_queues', staleQueuesEveryMs, knowing(staleQueues.round)),
    loop('escalation', workEveryMs, escalation.round),
    ...(bounces ? [loop('bounce_mailbox', workEveryMs, bounces.round)] : []),
  ]
  // Not hurried by whoever hurries the worker: nobody waits for it.
  const upkeep = [
    repeated('counting', countEveryMs, createCounting({ store }).round),
    repeated('purging', purgeEveryMs, createPurging({ store, log, clock }).round),
  ]
  /** What was told while the database was slow is on the disk, and the next process may have another one. */
  async function lastDrain(): Promise<void> {
    const { word, bytes } = ingest.state()
    if (word === 'away' || bytes === 0 || bytes > mostBytesAtStop) return
    await ingest.drain().catch((error) => log.warn('spool_not_drained', { error }))
  }

  return {
    app: createApp({ ...foundation, ingest, deliver, receive, email, unsubscribe, worker, bounces, metrics }),
    start() {
      email.warn(providers.on.values())
      worker.start()
      drains.start()
      for (const one of [...loops, ...upkeep]) one.start()
    },
    async stop(answered) {
      await Promise.all([worker.stop(), ...[...loops, ...upkeep].map((one) => one.stop()), answered])
      await bounces?.close()
      await Promise.all([attempts.ended(), reads.ended()])
      await drains.stop()
      await lastDrain()
      for (const provider of providers.on.values()) await provider.close?.()
    },
  }
}
