import { countsARound } from '#src/patience.ts'
import type { Store } from '#src/store/store.ts'

/** Counts what lies back, some at a time: in a round no more than leaves the database to others. */
export function createCounting({ store }: { store: Pick<Store, 'countMessages' | 'settleEvents'> }) {
  return {
    async round(stopping: AbortSignal): Promise<void> {
      for (const some of [store.countMessages, store.settleEvents])
        for (let count = 0; count < countsARound && !stopping.aborted; count++) if (!(await some())) break
    },
  }
}
