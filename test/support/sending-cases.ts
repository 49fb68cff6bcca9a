import type { Certainty } from '#src/model/errors.ts'
import type { Channel, OutgoingMessage } from '#src/model/message.ts'
import type { WhenOver } from './local-api.ts'

/** A provider's API as a test scripts it. */
export interface ScriptedApi {
  /** Where it is: what `open` is given. */
  at: string
  /** How many messages it was handed. */
  handed(): number
}

/** How an API speaks, and how its answers go wrong on the way: `overHttp` for most. */
export interface Protocol<Answer> {
  /** On a real port; asks for its answer each time. */
  listen(answer: () => Answer, whenOver?: WhenOver): Promise<ScriptedApi>
  nobodyListens(): Promise<string>
  /** Where every connection is reset before a byte of it was read. */
  resetsAtOnce(): Promise<string>
  /** The whole message was written, then the connection is reset. */
  reset: Answer
  /** The connection ends before this answer does. */
  cut(answer: Answer): Answer
  /** "Go there instead", in each of the ways that one may say so. */
  redirects(to: string): readonly Answer[]
  /** What these prove. */
  proves: { redirect: Certainty; resetAtOnce: Certainty }
}

/** An answer that is not a yes, and what it proves (docs/decisions/0004-outcome-classes.md). */
export interface Failure<Answer> {
  what: string
  answer: Answer
  certainty: Certainty
  providerCode?: string
}

/** By what they say: a no for good, not now (or nothing that proves anything), yes. */
export interface Quoting<Answer> {
  refused: readonly Answer[]
  later: readonly Answer[]
  accepted: readonly Answer[]
}

export interface SendingCases<Answer> {
  channel: Channel
  /** Where it takes less of a message than that of the shared cases has. */
  message?: OutgoingMessage
  protocol: Protocol<Answer>
  /** Turns the provider on, with its API at this address: gives how it sends. */
  open(at: string): Promise<(message: OutgoingMessage) => Promise<unknown>>
  /** What it proves itself with. */
  keys: readonly string[]
  accepted: Answer
  /** The same yes beside which fields have other types, or there are more of them. */
  decorated: readonly Answer[]
  /** A yes without an id, or whose id is none. */
  withoutAnId: readonly Answer[]
  /** Where the id is ours, a yes needs none. */
  needsNoId?: true
  failures: readonly Failure<Answer>[]
  /** Every answer in which the API may quote what it was given, with these words in it. */
  quoting(words: string): Quoting<Answer>
}
