import type { CameKind } from '../came.ts'
import type { Language } from '../language.ts'
import type { Channel } from '../message.ts'
import type { OwnReason } from '../own-reason.ts'

/** What a message is to somebody, in the words before the address: `envoyé à +33612345678`. */
export type Standing =
  | 'sent'
  | 'queued'
  | 'scheduled'
  | 'unknown'
  | 'cancelled'
  | 'received'
  | 'unsent'
  | 'failed'
  | 'bounced'
  | 'complained'

/** Why a person of the team is asked. */
export type Question =
  | 'moved'
  | 'several'
  | 'unclear'
  | 'no_appointment_ahead'
  | 'late'
  | 'unknown_number'
  | 'refusal'
  | 'refusal_of_mail'
  | 'leaving'
  | 'erasure'
  | 'wrong_number'

/** All that the team reads, and whoever asks for a send, in one language. What is missing in a language does not compile. */
export interface Sentences {
  language: Language
  /** For its dates and times: `fr-FR`. */
  locale: string
  channels: Readonly<Record<Channel, string>>
  standings: Readonly<Record<Standing, (whom: string) => string>>
  /** Why a message did not go out, in words that stand after those of `because` and of `withReason`. */
  reasons: Readonly<Record<OwnReason, string>>
  /** A reason as a line of its own. */
  because(reason: string): string
  withReason(sentence: string, reason: string): string
  noSubject: string
  questions: Readonly<Record<Question, string>>
  /** The title of a task, by why it is asked. */
  toAnswer(question: string): string
  /** Its text: what the customer wrote. */
  customerWrote(question: string, words: string): string
  /** What came beside words, or instead of them. */
  came: Readonly<Record<CameKind, string>>
  severalPeople: string
}
