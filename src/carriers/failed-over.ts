import type { Log } from '#src/runtime/log.ts'
import type { Metrics } from '#src/runtime/metrics.ts'

/** That a message goes to one provider instead of another, and the code of why. */
export function tellFailedOver(
  { metrics, log }: { metrics: Metrics; log: Log },
  { messageId, from, to, code }: { messageId: string; from: string; to: string; code: string | undefined },
): void {
  metrics.failovers.inc({ from, to })
  // The log keeps nothing under the names `from` and `to`: elsewhere they are people's addresses.
  log.warn('failed_over', { messageId, provider: to, insteadOf: from, code })
}
