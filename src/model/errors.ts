import type { Ours, PublicReason } from './public-reason.ts'

/**
 * An error that has an answer: `code` is stable and public, `status` is the HTTP status, `message` is what the
 * caller may read ("who: what (remedy)"). What only the log may know goes into `cause`.
 */
export class AppError extends Error {
  readonly code: string
  readonly status: number
  /** More public fields of the answer, such as `issues` or `messageId`. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    status: number,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = status
    this.details = options.details ?? {}
  }
}

/** One thing wrong with what was asked. `path` is dotted: `attachments.0.content`. */
export interface Issue {
  path: string
  message: string
}

/**
 * What a failed send proves about the message:
 * - `permanent`: the provider said no, for good
 * - `retryable`: the provider surely does not have it, a later attempt may succeed
 * - `unknown`: the provider may have it; it must not be sent again blindly
 */
export type Certainty = 'permanent' | 'retryable' | 'unknown'

/** The longest that anybody waits because a provider asks for it: what it says may be nonsense, and it may be back sooner. */
const longestWaitMs = 3_600_000

/** What a ProviderError may say besides: each is explained where it has it. */
export interface ProviderErrorOptions {
  providerCode?: string | undefined
  retryAfterMs?: number | undefined
  bounced?: boolean
  suppresses?: 'opted_out' | 'nobody' | undefined
  heldBack?: boolean
  stopsProvider?: boolean
  ofSender?: boolean
  untilOpen?: boolean
  tooMany?: boolean
  onlyThis?: boolean
}

/**
 * A send that failed, already stripped of what SDK errors carry (keys, addresses, bodies). Its `reason` is written out in the
 * code, or made by `ours` or `publicReason`: any other text does not compile. `providerCode` is the provider's own code
 * ("21610", "550 5.1.1").
 */
export class ProviderError<const Reason extends string = string> extends Error {
  declare readonly message: PublicReason
  readonly provider: string
  readonly certainty: Certainty
  readonly providerCode: string | undefined
  /** Within an hour, whatever the provider said. */
  readonly retryAfterMs: number | undefined
  /** The address itself was refused (a synchronous hard bounce), not only this message. */
  readonly bounced: boolean
  /** This person is not to be written to any more on this channel: opted out, or nobody has this address. */
  readonly suppresses: 'opted_out' | 'nobody' | undefined
  /** We hold it back ourselves, to keep the provider's pace: it says nothing of the provider. */
  readonly heldBack: boolean
  /** It says no to us, and not to this message: it takes none until `retryAfterMs` have passed, whichever it is. */
  readonly stopsProvider: boolean
  /** It says no to the address that this message goes out from: what goes out from another one may be taken. */
  readonly ofSender: boolean
  /** Beside `stopsProvider`: until it says of itself that it takes messages, should that be sooner. */
  readonly untilOpen: boolean
  /** It takes messages, but not so many at once. */
  readonly tooMany: boolean
  /** Of a retryable failure: this one is refused for now, and others may be taken, such as where a role lacks a right. */
  readonly onlyThis: boolean

  constructor(
    provider: string,
    certainty: Certainty,
    reason: Ours<Reason>,
    options: ProviderErrorOptions = {},
  ) {
    super(reason)
    this.name = 'ProviderError'
    this.provider = provider
    this.certainty = certainty
    this.providerCode = options.providerCode
    this.retryAfterMs = bounded(options.retryAfterMs)
    this.bounced = options.bounced ?? false
    this.suppresses = options.suppresses
    this.heldBack = options.heldBack ?? false
    this.stopsProvider = options.stopsProvider ?? false
    this.ofSender = options.ofSender ?? false
    this.untilOpen = options.untilOpen ?? false
    this.tooMany = options.tooMany ?? false
    this.onlyThis = options.onlyThis ?? false
  }
}

function bounded(waitMs: number | undefined): number | undefined {
  return waitMs === undefined || Number.isNaN(waitMs)
    ? undefined
    : Math.min(Math.max(waitMs, 0), longestWaitMs)
}

/** Whom a send reached, and who was refused, besides its main recipient. */
export interface OfCopies {
  reached: readonly string[]
  refused: readonly { recipient: string; error: ProviderError }[]
}

/** Beside the errors: these are addresses, and an error shows all that it has. */
const ofCopies = new WeakMap<ProviderError, OfCopies>()

/** An error about the main recipient, with what became of the others. */
export function withOthers(error: ProviderError, copies: OfCopies): ProviderError {
  ofCopies.set(error, copies)
  return error
}

/** What became of the others, where it is the main recipient who was refused. */
export function othersOf(error: ProviderError): OfCopies | undefined {
  return ofCopies.get(error)
}

/** A configuration that cannot work: stops the boot with one line that names the variable. */
export class ConfigurationError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'ConfigurationError'
  }
}

/** An authentic item that we cannot read: it is kept as bytes in quarantine, with this reason. */
export class UnreadableItem extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'UnreadableItem'
  }
}

/** A webhook that does not prove where it comes from. The message names the variable to check, never the values. */
export class NotProven extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotProven'
  }
}
