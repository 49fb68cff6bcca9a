/** The first of them whose weights together are within the limit; at least one. */
function firstWithin<Entry>(
  entries: readonly Entry[],
  weight: (entry: Entry) => number,
  mostWeight: number,
): Entry[] {
  let sum = 0
  const end = entries.findIndex((entry, index) => {
    sum += weight(entry)
    return index > 0 && sum > mostWeight
  })
  return entries.slice(0, end < 0 ? entries.length : end)
}

interface Waiting<Wanted, Given> {
  wanted: Wanted
  resolve(given: Given): void
  reject(error: unknown): void
}

/**
 * What is asked for while a call is under way is asked together by the next: no timer, and no wait when nobody else asks.
 * `call` gives as many as it was asked for, in their order. Where it throws and `alone` says that one of them may be the
 * reason, each is asked for by itself, so that nobody fails for another.
 */
export function together<Wanted, Given>(options: {
  call: (wanted: Wanted[]) => Promise<Given[]>
  alone: (error: unknown) => boolean
  weight: (wanted: Wanted) => number
  mostWeight: number
}): (wanted: Wanted) => Promise<Given> {
  const { call, alone, weight, mostWeight } = options
  let queue: Waiting<Wanted, Given>[] = []
  let calling = false

  async function callQueued(): Promise<void> {
    calling = true
    while (queue.length > 0) {
      const shared = firstWithin(queue, ({ wanted }) => weight(wanted), mostWeight)
      queue = queue.slice(shared.length)
      await ask(shared)
    }
    calling = false
  }

  async function ask(shared: Waiting<Wanted, Given>[]): Promise<void> {
    try {
      const given = await call(shared.map(({ wanted }) => wanted))
      for (const [index, { resolve, reject }] of shared.entries()) {
        const own = given[index]
        if (own === undefined) reject(new Error('a call together gave fewer answers than it was asked for'))
        else resolve(own)
      }
    } catch (error) {
      if (shared.length > 1 && alone(error)) for (const one of shared) await ask([one])
      else for (const { reject } of shared) reject(error)
    }
  }

  return (wanted) =>
    new Promise((resolve, reject) => {
      queue.push({ wanted, resolve, reject })
      if (!calling) void callQueued()
    })
}
