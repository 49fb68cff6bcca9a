import type { Channel } from '#src/model/message.ts'
import type { Environment } from './provider.ts'

/** One record of the CRM, by its own names: `{ type: 'Lead', id: '6695b1c2d3e4f5a68' }`. */
export interface CrmRecord {
  type: string
  id: string
}

/** Whom an address belongs to. */
export interface CrmPerson extends CrmRecord {
  name: string
  /** Other records have the same address: which one is meant is a guess (the most recent open lead). */
  ambiguous: boolean
}

/** A message as the CRM is to show it. */
export interface TracedMessage {
  /** Our message's id: what makes writing it twice impossible. */
  id: string
  channel: Channel
  direction: 'outbound' | 'inbound'
  from: string | undefined
  to: string
  subject: string | undefined
  html: string | undefined
  text: string | undefined
  at: Date
  /** No provider ever took it: it was refused, or given up before one did. */
  unsent: boolean
  /** What it is about (a meeting, a case); undefined: nothing but the person. */
  parent: CrmRecord | undefined
  person: CrmRecord | undefined
}

/** Where a message stands, in the CRM's words. */
export const deliveryWords = ['Sent', 'Delivered', 'Read', 'Clicked', 'Bounced', 'Spam', 'Failed'] as const
export type DeliveryWord = (typeof deliveryWords)[number]

/** Those that went wrong: only these have a reason. */
export const failureWords: ReadonlySet<DeliveryWord> = new Set(['Bounced', 'Spam', 'Failed'])

/** What became of a traced message. */
export interface DeliveryFacts {
  status: DeliveryWord
  deliveredAt?: Date | undefined
  openedAt?: Date | undefined
  /** Why it failed, by our own code (`suppressed`) or the provider's. */
  code?: string | undefined
  reason?: string | undefined
}

export interface Meeting {
  id: string
  name: string
  status: 'Planned' | 'Held' | 'Not Held'
  startsAt: Date
}

/**
 * What the house asks of a CRM. Every call may be repeated: what was written before is found by the message's id and not
 * written twice. Throws ProviderError: `permanent` (it said no, and will again), `retryable` (it surely did nothing),
 * `unknown` (it may have done it: the repeat looks first).
 */
export interface Crm {
  readonly name: string
  /** Whom a phone number (E.164) or an email address belongs to; undefined: nobody there. */
  personBy(address: { phone: string } | { email: string }): Promise<CrmPerson | undefined>
  /**
   * Shows a message: an email as a record of its own, any other as a note in the stream of its person or parent. Of one that
   * is unsent there is nothing to show before it is told why.
   */
  trace(message: TracedMessage): Promise<void>
  /** Shows what became of a message; traces it first where that was not done. */
  tell(message: TracedMessage, facts: DeliveryFacts): Promise<void>
  /** Marks an address of this person as dead, or as not to be written to (or to be written to again). */
  mark(
    person: CrmRecord,
    address: { phone: string } | { email: string },
    marks: { invalid?: boolean; optedOut?: boolean },
  ): Promise<void>
  /** A meeting by its id, whatever its status; undefined: not there, or not of `whose`, where a person is named. */
  meeting(id: string, whose?: CrmRecord): Promise<Meeting | undefined>
  /** The next planned meeting of a person after a moment. */
  nextMeeting(person: CrmRecord, after: Date): Promise<Meeting | undefined>
  /**
   * Confirms (acceptance Accepted) or cancels (Not Held, Declined) a meeting for a person; whether that changed anything.
   */
  answerMeeting(meeting: Meeting, person: CrmRecord, answer: 'confirm' | 'cancel'): Promise<boolean>
  /** A note in a record's stream, once for each `mark`. */
  note(about: CrmRecord, mark: string, text: string): Promise<void>
  /** Something for a person to do, once for each `mark`. */
  task(about: CrmRecord | undefined, mark: string, title: string, text: string): Promise<void>
  /** What an operator should know, each finding one line with its remedy: key, roles, fields, scopes. */
  check(): Promise<string[]>
}

/** What a CRM may know of the house. */
export interface CrmTools {
  /** The country that a national phone number means. */
  country: string
  now: () => Date
  /** Says, once each, what the CRM silently did otherwise than it was asked; one line with its remedy. */
  found(finding: string): void
}

/** What `providers/index.ts` lists of a CRM, whether it is on or off. */
export interface CrmEntry {
  name: string
  /** The variables that turn it on. */
  with: readonly string[]
  /** None of its variables set: undefined. Half set: throws ConfigurationError naming what is missing. */
  create(environment: Environment, tools: CrmTools): Crm | undefined
}
