import type { EventType } from './event.ts'

/** What is done with the CRM. */
export type JobKind = 'trace' | 'tell' | 'mark' | 'inbound'

/** A timestamp that events give a message: it becomes known once, when it is first stamped. */
type Fact = Exclude<EventType, 'queued' | 'unsubscribed' | 'subscribed' | 'received' | 'unknown'>

/** What becomes known of a message and may be work. In SQL all of it is called `fact`. */
type Known =
  | Fact
  /** A provider has it, or has it after all: its outcome was unknown before. */
  | 'accepted'
  | 'settled'
  /** A replay made something else of it. */
  | 'replayed'
  /** Its person is not to be written to any more, or may be again. */
  | 'consent'
  /** A person wrote it. */
  | 'written'

/**
 * The work that follows from each fact. It is written down in the transaction that tells the fact (enqueue_following). Null:
 * no work. A fact that says only that a message is on its way needs none: that was shown when it was accepted.
 */
export const jobsOf: Readonly<Record<Known, JobKind | null>> = {
  accepted: 'trace',
  settled: 'trace',
  sent: null,
  deferred: null,
  delivered: 'tell',
  opened: 'tell',
  read: 'tell',
  clicked: 'tell',
  bounced: 'tell',
  rejected: 'tell',
  failed: 'tell',
  complained: 'tell',
  replayed: 'tell',
  consent: 'mark',
  written: 'inbound',
}
