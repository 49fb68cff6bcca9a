import type { Hidden } from './hidden.ts'
import { quotesIn } from './quotes.ts'
import { readable } from './readable.ts'

declare const fit: unique symbol

/** A text that may stand in an error, a log line, a row and an answer. */
export type PublicReason = string & { readonly [fit]: true }

/**
 * Our own words: what is written out in the code, a number, or what is public already. Any other text may hold what a provider
 * quotes, and does not compile: it goes through `publicReason`.
 */
export type Ours<Text extends string | number> = Text extends PublicReason | number
  ? Text
  : // A text that is not known while compiling would be a key of any name.
    Record<never, never> extends Record<`${Text}`, 1>
    ? 'words that may be a provider’s go through publicReason'
    : Text

/** A reason in our own words: ours`twilio: answered HTTP ${status}`. */
export function ours<const Values extends readonly (string | number)[]>(
  words: TemplateStringsArray,
  ...values: { [At in keyof Values]: Ours<Values[At]> }
): PublicReason {
  return String.raw({ raw: words }, ...values) as PublicReason
}

/** A name of ours, a code or a state: a short word of letters, digits and `_ . -`. Anything else is `<hidden>`. */
export function codeWord(word: string): PublicReason {
  return (/^[\w.-]{1,100}$/.test(word) ? word : '<hidden>') as PublicReason
}

/** Explanations are short: what is longer is a page. */
const longestRead = 2_000
const longestTold = 300

/**
 * A provider's own explanation: one readable line of at most 300 characters, without addresses and numbers. What it quotes of
 * what is hidden is left out too (cut short, in capitals, as HTML, as base64 or however).
 */
export function publicReason(explanation: string, hidden: Hidden): PublicReason {
  // More is read than kept: encoded, a text is longer.
  const text = readable(explanation.slice(0, 10 * longestRead)).slice(0, longestRead)
  let shown = ''
  let at = 0
  for (const { start, end, mask } of quotesIn(text, hidden)) {
    shown += text.slice(at, start) + mask
    at = end
  }
  const line = (shown + text.slice(at)).replace(/<hidden>(?:[^\p{L}\p{N}<>"]{0,3}<hidden>)+/gu, '<hidden>')
  return line.slice(0, longestTold).trim() as PublicReason
}
