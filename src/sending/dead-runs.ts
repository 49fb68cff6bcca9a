import { deadInARow } from '#src/patience.ts'

/** A message whose address was called dead. */
export interface CalledDead {
  messageId: string
  address: string
}

export type DeadRuns = ReturnType<typeof createDeadRuns>

/**
 * Addresses that a provider called dead one after another, of one sender: nobody writes to so many who are not there. What is wrong
 * then is more likely ours (the sender, the server's table, a relay that answers for everybody), so none of them counts. A message
 * that is taken ends a run. Each process finds out for itself.
 */
export function createDeadRuns() {
  /** Of each sender, by their addresses. */
  const runs = new Map<string, Map<string, CalledDead>>()

  return {
    taken(sender: string): void {
      runs.delete(sender)
    },

    /**
     * Undefined: it may be so. Else those of this run that were believed until now, and whether this address is new in it: one that
     * is called dead again says nothing new.
     */
    note(
      sender: string,
      { messageId, address }: CalledDead,
    ): { believed: CalledDead[]; news: boolean } | undefined {
      const run = runs.get(sender) ?? new Map<string, CalledDead>()
      const news = !run.has(address)
      const before = [...run.values()]
      runs.set(sender, run.set(address, { messageId, address }))
      if (run.size < deadInARow) return undefined
      return { believed: news && run.size === deadInARow ? before : [], news }
    },
  }
}
