import type { MessageEvent } from '#src/model/event.ts'
import type { Channel, OutgoingMessage } from '#src/model/message.ts'
import type { SendRequest } from '#src/model/send-request.ts'
import type { TemplateContent } from '#src/model/template.ts'

/** An event as it is kept: with the request that told it. */
export interface TimedEvent {
  event: MessageEvent
  requestId: string | undefined
}

/** It went out, it did not, or it is to be sent again. */
export type Resolution = 'sent' | 'failed' | 'retry'

/** How an attempt to send ended. */
export interface Outcome {
  messageId: string
  attempt: number
  /** `exhausted`: given up by us, though the provider never said no. */
  outcome: 'accepted' | 'refused' | 'retryable' | 'exhausted' | 'unknown'
  provider: string
  providerMessageId?: string | undefined
  sender?: string | undefined
  errorCode?: string | undefined
  errorMessage?: string | undefined
  warnings?: string[] | undefined
  /** What time it was where the attempt was made: the two below are as far ahead of the database's now. */
  at?: Date | undefined
  nextAttemptAt?: Date | undefined
  /** Those of its copies who have it, though its recipient does not: they are not sent it again. */
  reached?: readonly string[] | undefined
  /** When the provider is to be asked what became of it. */
  checkAt?: Date | undefined
  /** The process whose attempt alone may end so; undefined: any process's. */
  owner?: string | undefined
  /** What a person says of an attempt of unknown outcome: it stands beside that, and only the message goes by it. */
  settledAs?: Resolution | undefined
}

/** Authentic bytes that could not be read. */
export interface Quarantined {
  provider: string
  /** The item's own id; undefined: the bytes are a whole body. */
  eventId?: string | undefined
  bytes: Buffer
  reason: string
  requestId: string | undefined
  receivedAt: Date
}

/** What one commit writes. */
export interface Batch {
  events: TimedEvent[]
  outcomes: Outcome[]
  quarantined: Quarantined[]
}

/** A message to reserve, with what is known around it. */
export interface NewMessage
  extends Omit<SendRequest, 'message' | 'provider' | 'idempotency' | 'language' | 'requestId'> {
  message: OutgoingMessage
  provider: string
  /** The provider that takes over where another surely did not take it; undefined: none does. */
  fallback?: string | undefined
  sender: string | undefined
  warnings: string[]
  /** How long it may wait from when it is due, where its caller does not say (`expiresAt`); undefined: for ever. */
  waitsMs?: number
  /** The lowest goes first of what waits for its provider; undefined: 1. */
  urgency?: number
  /** Whether the CRM is to show it. */
  traced?: boolean
  requestId: string | undefined
}

/** Which messages a page shows: the newest first, those after a position. */
export interface MessageFilter {
  tenantId?: string | undefined
  leadId?: string | undefined
  to?: string | undefined
  status?: string | undefined
  channel?: Channel | undefined
  before?: { createdAt: string; id: string } | undefined
  limit: number
}

/** What a template says, and what Twilio knows it as. */
export interface TemplateState extends TemplateContent {
  name: string
  type: string
  contentSid: string | null
}

export interface NewTemplate extends TemplateState {
  id: string
  tenantId: string
}

/** Which templates a page shows: the newest first, those after a position. */
export interface TemplateFilter {
  tenantId?: string | undefined
  type?: string | undefined
  before?: { createdAt: string; id: string } | undefined
  limit: number
}

/** Which items replay reads: those after an id, oldest first. */
export interface ItemFilter {
  provider?: string | undefined
  since: Date
  afterId: number
  limit: number
}

export interface EventFilter {
  tenantId?: string | undefined
  unmatched: boolean
  withRaw?: boolean
  beforeId?: number | undefined
  limit: number
}

export interface StatsFilter {
  tenantId?: string | undefined
  channel?: Channel | undefined
  from: Date
  to: Date
}

/** Which process reserves a message, how long its first attempt may run, and what would make it a repeat or too many. */
export interface ReservationOptions {
  idempotency: { key: string; requestHash: string } | undefined
  limits: { hour: number | undefined; recipientDay: number | undefined }
  owner: string
  leaseSeconds: number
  now?: Date
}

/** Which process takes due messages, for how long, and until how long after it was made an unknown one may be sent again. */
export interface Claim {
  owner: string
  leaseSeconds: number
  repeatSeconds: number
  limit: number
  /** Providers that have no room for another send now. */
  busy?: string[]
  /** Providers that are left alone where another may be asked, and those that may be asked instead. */
  avoided?: string[]
  standIns?: string[]
  /** Providers that are off here: what waits for them goes to its fallback, or comes to an end. */
  off?: string[]
  now?: Date
}
