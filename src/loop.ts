export interface Loop {
  start(): void
  /** Resolves when the round under way has ended; none follows. */
  stop(): Promise<void>
}

/** Does something again and again, never twice at once: the next round begins a while after the last has ended. */
export function createLoop(
  round: () => Promise<void>,
  everyMs: number,
  failed: (error: unknown) => void,
): Loop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let stopped = false

  function next(): void {
    if (stopped) return
    timer = setTimeout(() => {
      running = round().catch(failed).finally(next)
    }, everyMs)
  }

  return {
    start: next,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
