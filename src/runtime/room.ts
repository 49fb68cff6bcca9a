interface Waiting {
  bytes: number
  enter(): void
}

export type Room = ReturnType<typeof createRoom>

/**
 * Room for so many bytes at once. A caller that needs more than is free waits. Of those that wait and fit, the one that has
 * waited longest goes first, so that none waits for a larger one.
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
