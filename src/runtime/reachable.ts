/**
 * Whether a probe resolves. However many ask at once, one probe is under way and all get its answer: anybody
 * may ask, and must not fill what it probes.
 */
export function reachable(probe: () => Promise<unknown>): () => Promise<boolean> {
  let underWay: Promise<boolean> | undefined
  return () => {
    underWay ??= probe()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }
}
