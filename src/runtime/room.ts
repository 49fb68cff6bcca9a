interface Waiting {
  bytes: number
  enter(): void
}

export type Room = ReturnType<typeof createRoom>

/**
 * Room for so many bytes at once. Who needs more than is free waits; of those who wait whoever fits goes first, the
 * longest waiting of them, so that nobody waits for somebody larger.
 */
export function createRoom(mostBytes: number) {
  let freeBytes = mostBytes
  let queue: Waiting[] = []

  function letIn(): void {
    queue = queue.filter(({ bytes, enter }) => {
      if (bytes > freeBytes) return true
      freeBytes -= bytes
      enter()
      return false
    })
  }

  return {
    /** Resolves when there is room, with how to leave it, once; undefined: there was none before `patience` ended. */
    enter(bytes: number, patience: AbortSignal): Promise<(() => void) | undefined> {
      const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>()
      const leave = () => {
        freeBytes += bytes
        letIn()
      }
      const waiting = { bytes, enter: () => resolve(leave) }
      patience.addEventListener('abort', () => {
        queue = queue.filter((one) => one !== waiting)
        resolve(undefined)
      })
      queue.push(waiting)
      letIn()
      return promise
    },
  }
}
