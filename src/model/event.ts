import { createHash } from 'node:crypto'
import { isWritten, type Media } from './came.ts'
import { type Consent, consentOf } from './consent.ts'
import { UnreadableItem } from './errors.ts'
import type { Channel } from './message.ts'

/** What happened, in our words; the provider's own word stands beside it as `providerType`. */
export const eventTypes = [
  'queued',
  'sent',
  'deferred',
  'delivered',
  'opened',
  'read',
  'clicked',
  'bounced',
  'rejected',
  'failed',
  'complained',
  'unsubscribed',
  'subscribed',
  'received',
  'unknown',
] as const
export type EventType = (typeof eventTypes)[number]

type EventSource = 'webhook' | 'send' | 'poll' | 'dsn' | 'pixel' | 'person'

/** `hard`: the address is dead. `soft`: try again later. `blocked`: policy, not the address's fault. */
export type BounceClass = 'hard' | 'soft' | 'blocked'

/** What a provider said of itself: its own word, and whether it takes messages. */
export interface ProviderState {
  state: string
  open: boolean
}

/** Another name that a provider has for the person an event is about; the address, where the event tells it too. */
export interface Alias {
  name: string
  address?: string | undefined
}

/** What a person wrote to us. Addresses are E.164 for a phone, else the provider's own (`…@lid`, `…@g.us`). */
export interface Inbound {
  sender: string
  recipient: string
  text?: string | undefined
  buttonPayload?: string | undefined
  /** What came beside the words, or instead of them. */
  media?: Media[] | undefined
  /** The provider's id of the message that this one answers. */
  repliedTo?: string | undefined
}

/**
 * What a provider's webhook knows of an event; `providerEvent` adds the rest and checks it. The fields of an event are listed
 * here and in MessageEvent. A row that lacks one does not compile (src/store/rows.ts); one that SQL does not read fails
 * a test (test/store/conformance/readings.ts).
 */
export interface EventReading {
  type: EventType
  providerType: string
  /** The provider's clock; absent or nonsense: our time of receipt stands in. */
  occurredAt?: Date | undefined
  channel?: Channel | undefined
  /** Our message's id, where the provider sends it back to us. */
  messageId?: string | undefined
  providerMessageId?: string | undefined
  recipient?: string | undefined
  reason?: string | undefined
  code?: string | undefined
  bounceClass?: BounceClass | undefined
  url?: string | undefined
  /** Done by a machine (a prefetching proxy, a link scanner), not by a person. */
  machine?: boolean | undefined
  /** Names no message of ours: may be matched by recipient and time, and is then marked as guessed. */
  guess?: boolean | undefined
  inbound?: Inbound | undefined
  /**
   * Where the provider says it; else it follows from the type, the bounce's class or what the person wrote. `none`: it says
   * nothing of our messages, whatever its type.
   */
  consent?: Consent | 'none' | undefined
  providerState?: ProviderState | undefined
  /** Instead of `recipient`, where that is an address which the event does not tell. */
  alias?: Alias | undefined
  /** What really carried it, where that is not what its channel is called: `rcs`, by which an SMS may go. */
  via?: string | undefined
}

/** One fact told by a provider, by our own send or by a person, normalised. */
export interface MessageEvent extends EventReading {
  provider: string
  /** Unique with `provider`, the same each time the provider tells the same thing. */
  eventId: string
  source: EventSource
  consent?: Consent | undefined
  occurredAt: Date
  receivedAt: Date
  /** What `JSON.parse` gave, untouched. */
  raw: unknown
}

/** The recipient of what is told of one of several, nobody knows whom: it stamps no message, and concerns no person. */
export const oneOfSeveral = ''

const idLimit = 255
const textLimit = 2_048
const bodyLimit = 65_536
const futureToleranceMs = 5 * 60_000
const oldestMs = Date.UTC(2000, 0, 1)
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** An id that fits a unique index: the provider's own where it is short, else its SHA-256. */
export function stableId(id: string): string {
  return id.length <= idLimit && id.isWellFormed() && !/\p{Cc}/u.test(id)
    ? id
    : `sha256:${createHash('sha256').update(id).digest('hex')}`
}

/**
 * One reading of a provider's item as an event that the store can take: strings from strangers are capped, an
 * impossible clock is replaced by our receipt. Throws UnreadableItem where the item's identity itself is unusable.
 */
export function providerEvent(
  provider: string,
  item: { id: string; raw: unknown; receivedAt: Date },
  reading: EventReading,
  source: EventSource = 'webhook',
): MessageEvent {
  const { providerMessageId, inbound, providerState, alias } = reading
  if (providerMessageId !== undefined && providerMessageId.length > idLimit)
    throw new UnreadableItem(`${provider}: the provider's message id is longer than ${idLimit} characters`)
  return {
    ...reading,
    provider,
    eventId: stableId(item.id),
    source,
    providerType: reading.providerType.slice(0, 100),
    messageId:
      reading.messageId !== undefined && uuid.test(reading.messageId) ? reading.messageId : undefined,
    recipient: reading.recipient?.slice(0, 320),
    reason: reading.reason?.slice(0, textLimit),
    code: reading.code?.slice(0, 100),
    url: reading.url?.slice(0, textLimit),
    inbound: inbound && {
      ...inbound,
      sender: inbound.sender.slice(0, 320),
      recipient: inbound.recipient.slice(0, 320),
      text: inbound.text?.slice(0, bodyLimit),
      buttonPayload: inbound.buttonPayload?.slice(0, textLimit),
      repliedTo: inbound.repliedTo?.slice(0, idLimit),
    },
    consent: reading.consent === 'none' ? undefined : (reading.consent ?? consentIn(reading)),
    providerState: providerState && { ...providerState, state: providerState.state.slice(0, 100) },
    alias: alias && { ...alias, name: alias.name.slice(0, 320) },
    via: reading.via?.slice(0, 100),
    occurredAt: believable(reading.occurredAt, item.receivedAt),
    receivedAt: item.receivedAt,
    raw: item.raw,
  }
}

/** A dead address counts as withdrawn: it is not to be written to either. */
function consentIn({ type, bounceClass, inbound, channel, recipient }: EventReading): Consent | undefined {
  if (recipient === oneOfSeveral) return undefined
  if (inbound)
    return channel && isWritten(inbound.media) ? consentOf({ channel, text: inbound.text }) : undefined
  if (type === 'unsubscribed' || type === 'complained') return 'withdrawn'
  if (type === 'bounced' && bounceClass === 'hard') return 'withdrawn'
  return type === 'subscribed' ? 'given' : undefined
}

function believable(clock: Date | undefined, receivedAt: Date): Date {
  const time = clock?.getTime() ?? Number.NaN
  return time >= oldestMs && time <= receivedAt.getTime() + futureToleranceMs ? new Date(time) : receivedAt
}
