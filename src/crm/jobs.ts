import { AppError, ProviderError } from '#src/model/errors.ts'
import { codeWord, ours } from '#src/model/public-reason.ts'
import {
  backoffMs,
  jobLeaseMs,
  jobsAtOnce,
  jobsKeptForMs,
  longestPauseMs,
  mostJobTries,
} from '#src/patience.ts'
import { type Log, withLogFields } from '#src/runtime/log.ts'
import type { Metrics } from '#src/runtime/metrics.ts'
import type { ClaimedJob, Job } from '#src/store/calls/jobs.ts'
import type { Store } from '#src/store/store.ts'

/** Does one job; what it throws says whether it is tried again. */
export type Work = (job: Job) => Promise<void>

/**
 * Does the work that was written down when something was told: of each lane one after another, of several lanes at once,
 * shared with the other processes. A job that fails is tried again for more than a day, then it is a dead letter and
 * leaves its lane: no job needs the one before it to have been done. While nobody answers, all of them wait.
 */
export function createJobs(options: {
  store: Store
  /** By the job's kind; what is not there waits for a process that knows how. */
  work: ReadonlyMap<string, Work>
  owner: string
  metrics: Metrics
  log: Log
  now: () => Date
  clock: () => number
}) {
  const { store, work, owner, metrics, log, now, clock } = options
  let failuresInARow = 0
  let pausedUntil = Number.NEGATIVE_INFINITY

  async function run(job: ClaimedJob): Promise<void> {
    const { id, kind, message, message_id: messageId, request_id: requestId } = job
    const does = work.get(kind)
    const claimedAt = clock()
    await withLogFields({ requestId, messageId, job: id }, async () => {
      try {
        await (does && message ? does({ ...job, message }) : unknown(job))
        await store.finishJob(id, owner)
        answered()
        metrics.jobs.inc({ kind, result: 'done' })
      } catch (error) {
        await failed(job, claimedAt, error)
      }
    })
  }

  async function failed(job: ClaimedJob, claimedAt: number, error: unknown): Promise<void> {
    const { id, kind, tries, age_seconds: ageSeconds } = job
    const away = error instanceof ProviderError && error.certainty === 'retryable' && !error.onlyThis
    if (away) pause(error.retryAfterMs)
    const retryInMs = away ? pausedUntil - clock() : backoffMs(tries)
    const heldForMs = clock() - claimedAt + retryInMs
    const enough = away ? ageSeconds * 1_000 + heldForMs > jobsKeptForMs : tries >= mostJobTries
    const dead = isRefused(error) || enough
    const { code, message } = described(error)
    await store.failJob(id, owner, { code, message, retryInMs: dead ? undefined : retryInMs, counted: !away })
    metrics.jobs.inc({ kind, result: dead ? 'dead' : 'failed' })
    log[dead ? 'error' : 'warn'](dead ? 'job_given_up' : 'job_failed', { kind, tries, error })
  }

  function answered(): void {
    failuresInARow = 0
    metrics.jobsHeldUpSince.set(0)
  }

  /** Whatever else is due would meet the same: it waits, longer each time. */
  function pause(wantedMs = 0): void {
    if (failuresInARow === 0) metrics.jobsHeldUpSince.set(now().getTime() / 1_000)
    const pauseMs = Math.max(wantedMs, Math.min(backoffMs(++failuresInARow), longestPauseMs))
    pausedUntil = clock() + pauseMs
  }

  return {
    /** Until nothing is due any more, or a stop is asked for. */
    async round(stopping?: AbortSignal): Promise<void> {
      while (clock() >= pausedUntil && !stopping?.aborted) {
        const leaseSeconds = jobLeaseMs / 1_000
        const claimed = await store.claimJobs({ owner, leaseSeconds, limit: jobsAtOnce })
        if (claimed.length === 0) return
        await Promise.all(claimed.map(run))
      }
    },
  }
}

/** Another process has asked for it: one that has a CRM, or a newer one. */
async function unknown({ kind }: ClaimedJob): Promise<never> {
  const reason = ours`jobs: nothing here knows how to ${codeWord(kind)} (turn the CRM on again, or end the older processes)`
  throw new ProviderError('jobs', 'retryable', reason, { providerCode: 'unknown_kind', onlyThis: true })
}

/** It would be refused again. */
function isRefused(error: unknown): boolean {
  return (
    (error instanceof ProviderError && error.certainty === 'permanent') ||
    (error instanceof AppError && error.status < 500) ||
    // What a body is too deep or too long for would hold everybody up at each try.
    error instanceof RangeError
  )
}

function described(error: unknown): { code: string; message: string } {
  if (error instanceof ProviderError)
    return { code: error.providerCode ?? error.certainty, message: error.message }
  if (error instanceof AppError) return { code: error.code, message: error.message }
  return { code: 'unexpected', message: 'the work failed in an unexpected way (see job_failed in the log)' }
}
