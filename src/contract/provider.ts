import type { OfCopies } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { Channel, OutgoingMessage, SendableEmail, SendableMessage } from '#src/model/message.ts'
import type { Warning } from '#src/model/warnings.ts'

/** The provider's acceptance of one message. */
export interface Receipt {
  providerMessageId: string
  /** Unique with the provider, and the same as a webhook's id for the same fact where there is one. */
  eventId: string
  /** What acceptance means here: `sent` (SMTP, SendGrid, Resend) or only `queued` (Twilio, Green-API). */
  type: 'queued' | 'sent'
  providerType: string
  /** The address it was sent from, where the provider says or we know. */
  sender?: string | undefined
  /** What the caller should know of how it was taken. */
  warnings?: Warning[] | undefined
  /** What became of the others, where not all of them were taken. */
  copies?: OfCopies | undefined
  /** The provider's own answer, without secrets. */
  raw: unknown
}

/** One HTTP request from a provider: bytes, and what else a signature may cover. */
export interface WebhookRequest {
  method: string
  /**
   * The public URLs this request may have been sent to, most likely first: BASE_URL with the path and query as
   * received, then with the door's other names.
   */
  urls: readonly string[]
  /** Lower-case names; a repeated header is its values joined with ", ". */
  headers: Readonly<Record<string, string | undefined>>
  body: Buffer
  receivedAt: Date
}

/** One raw item of a verified request, with its own stable id. `raw` is what JSON.parse (or the form) gave. */
export interface Item {
  id: string
  raw: unknown
  receivedAt: Date
}

export interface WebhookAnswer {
  status: number
  type?: string
  body?: string
}

export interface Webhook {
  /** Throws NotProven unless the request provably comes from the provider. Looks at bytes only, parses nothing. */
  verify(request: WebhookRequest): void
  /** One verified request in, its raw items out. Throws UnreadableItem where the body as a whole cannot be read. */
  items(request: WebhookRequest): Item[]
  /** Our reading of one item; pure, used again by replay. Throws UnreadableItem. */
  event(item: Item): MessageEvent
  /** What the provider wants to hear when its items are kept. */
  answer(request: WebhookRequest): WebhookAnswer
}

/** The part of a webhook that needs no secret: what was proven and kept once is read with it again. */
export type ItemReader = Pick<Webhook, 'items' | 'event'>

export interface Provider {
  readonly name: string
  /** The channels it sends on with this configuration. */
  readonly channels: readonly Channel[]
  /** The address a message on this channel goes out from, where the configuration fixes one. */
  sender?(channel: Channel): string | undefined
  /** Whether it reaches a person by this name, which is not a number; undefined: it knows numbers and addresses only. */
  reaches?(name: string): boolean
  /** The host that mails are handed to: nobody who reads them is nearer. */
  readonly handsTo?: string
  /** What it tells by itself of a mail that is read, where that is asked for. The rest is put into the mail by us. */
  tracks?(message: SendableEmail): MailTracking
  /** What is asked of a message and this provider cannot do: the caller is told. */
  warnings?(message: SendableMessage): Warning[]
  /** Throws ProviderError; anything else that it throws counts as an unknown outcome. */
  send?(message: OutgoingMessage): Promise<Receipt>
  webhook?: Webhook
  /** How long free text reaches a person by WhatsApp after that person wrote; undefined: always. */
  readonly freeTextForMs?: number
  /**
   * The provider recognises a message that it is given again (by our id, for a day) and does not send it twice: an unknown
   * outcome is settled by sending it again, byte for byte.
   */
  readonly recognisesRepeats?: true
  /**
   * What the provider itself says of a message it has, for facts that no webhook told: events with source `poll` under the
   * webhook's ids where the provider tells them. Throws ProviderError where it cannot be asked now.
   */
  status?(message: AcceptedMessage): Promise<MessageEvent[]>
  /**
   * For a send of unknown outcome: the events of the one message there that can only be it. None is not proof that the
   * provider does not have it.
   */
  find?(message: OutgoingMessage, attemptedAt: Date): Promise<MessageEvent[]>
  /** How many messages it takes in an hour: they go out one after another, in even pauses. Undefined: as many as there are. */
  readonly perHour?: number
  /** How long to wait between two look-ups, where the provider allows so many a second. */
  readonly lookUpPauseMs?: number
  /** What people wrote since then, oldest first, as events under the webhook's ids. */
  inboundSince?(since: Date): Promise<MessageEvent[]>
  /**
   * Whom it writes to no more since then, and why: events of no message that speak of an address. Throws ProviderError where it
   * cannot be asked now.
   */
  suppressedSince?(since: Date): Promise<MessageEvent[]>
  /**
   * Writes to an address again that was dead; `asked`: also where its person had asked for it (a complaint, an unsubscription). That
   * it does already is not an error. Throws ProviderError where it cannot be asked now.
   */
  unsuppress?(address: string, asked: boolean): Promise<void>
  /** Whether it takes messages now, as an event with `providerState`. Throws ProviderError where it cannot be asked now. */
  state?(): Promise<MessageEvent>
  /**
   * Takes back what it has accepted and not sent: an event of each message that it surely does not send any more, as
   * `failed` with the code `cleared`. May be called again where it threw. Called only while it takes nothing.
   */
  clearQueue?(): Promise<MessageEvent[]>
  /** Looks once, after the boot, for what an operator should know; each finding is one line with its remedy. */
  check?(): Promise<string[]>
  close?(): Promise<void> | void
}

/** A message that a provider has accepted. */
export interface AcceptedMessage {
  id: string
  channel: Channel
  providerMessageId: string
  recipient: string
}

/** What is told of a mail that was read. */
export interface MailTracking {
  opens: boolean
  clicks: boolean
}

/** What a provider may know of the house. */
export interface ProviderTools {
  /** The public URL without a trailing slash; undefined: no status callbacks are asked for. */
  baseUrl: string | undefined
  /** The country that a national phone number means. */
  country: string
  now: () => Date
  /** Milliseconds since whenever, by a clock that nobody sets: for pauses. */
  clock: () => number
  /** Writes down what an operator should know and only sending shows: one line with its remedy, told once. */
  note?(provider: string, finding: string): void
}

export type Environment = Readonly<Record<string, string | undefined>>

/** What `providers/index.ts` lists of each provider, whether it is on or off. */
export interface ProviderEntry {
  name: string
  channels: readonly Channel[]
  /** The webhook paths, the canonical one first; none: it never calls us. */
  paths: readonly string[]
  /** The variables that turn sending on, and those that turn hearing on, for people to read. `A or B`: one is enough. */
  sendsWith: readonly string[]
  hearsWith: readonly string[]
  /** Those that turn one channel on, where they are not the same for each. */
  sendsOn?: Partial<Record<Channel, readonly string[]>>
  /** How its webhook's items are read, whether it is on or off; none: it never calls us. */
  reader?(environment: Environment, country: string): ItemReader
  /** None of its variables set: undefined. Half set: throws ConfigurationError naming what is missing. */
  create(environment: Environment, tools: ProviderTools): Promise<Provider | undefined>
}

/** The address that a message goes out from by this provider; undefined: only the provider knows. */
export function senderOf(provider: Provider, message: OutgoingMessage): string | undefined {
  return (message.channel === 'email' ? message.from : undefined) ?? provider.sender?.(message.channel)
}

/** The variables that turn this channel of a provider on. */
export function sendsOnWith({ sendsWith, sendsOn }: ProviderEntry, channel: Channel): readonly string[] {
  return sendsOn?.[channel] ?? sendsWith
}
