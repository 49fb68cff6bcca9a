import { lostCallMs } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Store } from '#src/store/store.ts'

interface Phantom {
  id: string
  tenantId: string
  key: string | undefined
  since: number
}

export type Phantoms = ReturnType<typeof createPhantoms>

/**
 * Reservations whose answer was lost. The caller was told that nothing was kept and nothing sent, and may ask again: so
 * they are undone as soon as the database answers, before anybody takes them for sends of unknown outcome.
 */
export function createPhantoms(options: { store: Store; log: Log; clock: () => number }) {
  const { store, log, clock } = options
  const phantoms = new Map<string, Phantom>()
  return {
    add(id: string, tenantId: string, key: string | undefined): void {
      phantoms.set(id, { id, tenantId, key, since: clock() })
    },

    async undo(): Promise<void> {
      for (const { id, tenantId, key, since } of [...phantoms.values()]) {
        const { undone, alive } = await store.undoReservation(id, tenantId, key)
        if (undone > 0) log.warn('reservation_abandoned', { messageId: id })
        // It may be there yet while its transaction is under way, or its call on its way.
        const over = !alive && clock() - since > lostCallMs
        if (undone > 0 || over) phantoms.delete(id)
      }
    },
  }
}
