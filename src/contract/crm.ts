import type { Channel } from '#src/model/message.ts'
import type { Sentences } from '#src/model/sentences/sentences.ts'
import type { Environment } from './provider.ts'

/** One record of the CRM, by the CRM's own names for both. */
export interface CrmRecord {
  type: string
  id: string
}

/** The person that an address belongs to. */
export interface CrmPerson extends CrmRecord {
  name: string
  /** What a send names this person by; undefined: it is of a type that no send can name. */
  leadId: string | undefined
  /** Other records have the same address: which one is meant is a guess (the most recent that is open). */
  ambiguous: boolean
  /** All other records with this address, such as the lead that this contact was. */
  others: CrmRecord[]
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
  /** What it is about (an appointment, a case); undefined: nothing but the person. */
  parent: CrmRecord | undefined
  person: CrmRecord | undefined
}

/** The statuses of what went wrong: only these have a reason. */
const failures = ['bounced', 'complained', 'failed'] as const
type Failure = (typeof failures)[number]

/** Where a message stands, as far as a CRM shows it. */
export type Delivery = 'sent' | 'delivered' | 'read' | 'clicked' | Failure

export function isFailure(delivery: Delivery): delivery is Failure {
  return failures.some((failure) => failure === delivery)
}

/** What became of a traced message. */
export interface DeliveryFacts {
  status: Delivery
  deliveredAt?: Date | undefined
  openedAt?: Date | undefined
  /** Why it failed: what we say ourselves is in the team's language, a provider's words are its own. */
  reason?: string | undefined
}

export interface Appointment {
  id: string
  name: string
  status: 'planned' | 'held' | 'cancelled'
  startsAt: Date
  /** What the person who was named has answered; undefined: nothing, or nobody was named. */
  answered?: 'confirm' | 'cancel' | undefined
}

/**
 * What the house asks of a CRM. Every call may be repeated: what was written before is found by the message's id and not
 * written twice. Throws ProviderError: `permanent` (it said no, and will again), `retryable` (it surely did nothing),
 * `unknown` (it may have done it: the repeat looks first).
 */
export interface Crm {
  readonly name: string
  /** The types of its records that are appointments: what a message may be about (`parentType`). */
  readonly appointmentTypes: readonly string[]
  /** The record that a send means by its `leadId`; whether it is there is not asked. */
  personRecord(leadId: string): CrmRecord
  /** The person that a phone number (E.164) or an email address belongs to; undefined: nobody there. */
  personBy(address: { phone: string } | { email: string }): Promise<CrmPerson | undefined>
  /** All email addresses of a person, none where there is no such record. */
  emailsOf(person: CrmRecord): Promise<string[]>
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
  /** An appointment by its id, whatever its status; undefined: not there, or not of `whose`, where a person is named. */
  appointment(id: string, whose?: CrmRecord): Promise<Appointment | undefined>
  /** The next planned appointment of a person after a moment. */
  nextAppointment(person: CrmRecord, after: Date): Promise<Appointment | undefined>
  /** Confirms an appointment for a person, or cancels it; whether that changed anything. */
  answerAppointment(
    appointment: Appointment,
    person: CrmRecord,
    answer: 'confirm' | 'cancel',
  ): Promise<boolean>
  /** A note in a record's stream, once for each `key`. */
  note(about: CrmRecord, key: string, text: string): Promise<void>
  /** Something for a person to do, once for each `key`. */
  task(about: CrmRecord | undefined, key: string, title: string, text: string): Promise<void>
  /** What an operator should know, each finding one line with its remedy: key, roles, fields, scopes. */
  check(): Promise<string[]>
}

/** What a CRM may know of the house. */
export interface CrmTools {
  /** The country that a national phone number means. */
  country: string
  /** What it writes beside the words of a message is in these, and its times are in the company's time zone. */
  sentences: Sentences
  timeZone: string
  now: () => Date
  /** Milliseconds since whenever, by a clock that nobody sets: for pauses. */
  clock: () => number
  /** Says, once each, what the CRM silently did otherwise than it was asked; one line with its remedy. */
  found(finding: string): void
}

/** What `providers/index.ts` lists of a CRM, whether it is on or off. */
export interface CrmEntry {
  name: string
  /** The variables that turn it on. */
  with: readonly string[]
  /** The types of its records that are appointments: what a message may be about (`parentType`), also while it is off. */
  appointmentTypes: readonly string[]
  /** None of its variables set: undefined. Half set: throws ConfigurationError naming what is missing. */
  create(environment: Environment, tools: CrmTools): Crm | undefined
}
