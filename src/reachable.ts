const keptMs = 1_000

/**
 * Whether a probe resolves, asked however often: one probe at a time, its answer kept for a second. Who may ask is
 * anybody, and must not fill what it probes. `clockMs` gives milliseconds that only grow.
 */
export function reachable(
  probe: () => Promise<unknown>,
  clockMs: () => number = () => performance.now(),
): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined
  let freshUntil = Number.POSITIVE_INFINITY
  return () => {
    if (answer && clockMs() < freshUntil) return answer
    freshUntil = Number.POSITIVE_INFINITY
    answer = probe()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        freshUntil = clockMs() + keptMs
      })
    return answer
  }
}
