export interface Loop {
  start(): void
  /** Tells the round under way (by its signal) that it is to end where it can, and resolves when it has; none follows. */
  stop(): Promise<void>
}

/** How often a failure that goes on is told, after the first time. */
const toldEveryMs = 60_000

/**
 * Does something again and again, never twice at once: the next round begins a while after the last has ended. `failed` is
 * told of the first of the rounds that fail in a row, and then once a minute.
 */
export function createLoop(
  round: (stopping: AbortSignal) => Promise<void>,
  everyMs: number,
  failed: (error: unknown) => void,
): Loop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  const stopping = new AbortController()
  let tellsAt = 0

  async function runOnce(): Promise<void> {
    try {
      await round(stopping.signal)
      tellsAt = 0
    } catch (error) {
      if (performance.now() < tellsAt) return
      tellsAt = performance.now() + toldEveryMs
      failed(error)
    }
  }

  function next(): void {
    if (stopping.signal.aborted) return
    timer = setTimeout(() => {
      running = runOnce().finally(next)
    }, everyMs)
  }

  return {
    start: next,
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}
