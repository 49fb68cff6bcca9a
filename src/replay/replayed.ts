import type { ItemReader } from '#src/contract/provider.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Rewritten } from '#src/store/calls/replay.ts'
import type { Store } from '#src/store/store.ts'
import type { Position } from './cursor.ts'

export interface Replayed {
  /** How many kept and quarantined items were looked at. */
  read: number
  /** How many events read differently now. */
  changed: number
  /** The first of them: only the fields that differ. */
  changes: Rewritten['changed']
  /** How many events quarantined items gave that nobody could read before. */
  recovered: number
  /** Reason → how many items cannot be read; what was kept of them stays as it is. */
  unreadable: Record<string, number>
  /** Provider → how many items were left alone, since nothing here reads them. */
  skipped: Record<string, number>
  /** How many messages were rebuilt; one whose events lie in two pages counts twice. */
  messages: number
  /** Where to go on; undefined: everything was read. */
  next: Position | undefined
}

export interface ReplayTools {
  store: Pick<Store, 'listKeptItems' | 'listUnreadItems' | 'markReplayed' | 'rewriteEvents' | 'recordRows'>
  readers: ReadonlyMap<string, ItemReader>
  log: Log
  now: () => Date
}

export interface ReplayWish {
  since: Date
  provider?: string | undefined
  /** Says what would change, and writes nothing. */
  dryRun: boolean
  /** The CRM is told, and a step of an escalation goes out, where what is read differs now. */
  effects: boolean
  from?: Position | undefined
  /** Stops after so many pages, each of 200 items at most. */
  pages?: number | undefined
}
