import { isSignature, ownWords } from './own-words.ts'
import { reasons, refusals, rooted, traces } from './refusal-words.ts'
import { saidIn } from './sayings.ts'
import { wordsOf } from './words.ts'

/**
 * What a message says of being written to. `plain`: not any more, and nothing else that anybody has to answer. `among more`:
 * it may say so, beside something that only a person can answer ("stop, je suis malade, on peut décaler ?").
 */
export type Refusal = 'plain' | 'among more'

/** Nobody asks for nothing but that at greater length. */
const mostWords = 60
const hasLetters = /[\p{L}\p{N}…]/u
const leading: ReadonlySet<string> = new Set(['a', 'au', 'aux', 'd', 'de', 'des', 'du'])
/** Signs that are read as the word. */
const stopSigns: ReadonlySet<string> = new Set(['🛑', '⛔'])

/** Whether a person asks not to be written to; undefined: no word of it. */
export function refusalIn(text: string): Refusal | undefined {
  const own = ownWords(text)
  const first = read(own)
  const said = first === 'among more' ? (read(withoutNameBelow(own)) ?? first) : first
  return said === 'plain' && isDoubtful(own) ? 'among more' : said
}

const startsWithStop = /^(?:s+t+o+p+|ar+et)/
const politeQuestion =
  /(?:^| )(?:pouvez|pourriez|peux|peut|merci|veuil+ez|svp|s il vous plait|can|could|would|will|please)(?: |$)/
/** Not now, and not for ever; more of them, and not no more. */
const notNow = /(?:^| )(?:pas|don ?t|do not)(?: .*)? (?:maintenant|now|today|aujourd hui|ce soir)(?: |$)/
const wantsMore = /^(?:je |j )?(?:voudrais|souhaiterais|aimerais)(?: bien)?(?: recevoir)? plus /

/** A sentence that refuses by its words, and may mean something else: "Plus de rappels ?", "Don't text me now". */
function isDoubtful(own: string): boolean {
  const words = wordsOf(own).join(' ')
  const asks = own.includes('?') && !startsWithStop.test(words) && !politeQuestion.test(words)
  return asks || notNow.test(words) || wantsMore.test(words)
}

/** A message read from its start: refusals, reasons for them, courtesies; whatever else there is is more. */
function read(text: string): Refusal | undefined {
  const words = wordsOf(text)
    .map((word) => (stopSigns.has(word) ? 'stop' : word))
    .filter((word) => hasLetters.test(word))
  if (!rooted.test(words.join(' ')) && !traces.test(words.join(' '))) return undefined
  if (words.length > mostWords) return traces.test(words.join(' ')) ? 'among more' : undefined
  let refused = false
  let more = false
  for (let at = 0; at < words.length; ) {
    const rest = words.slice(at).join(' ')
    const length = wordsIn(rest, refusals)
    const beside = length || wordsIn(rest, reasons) || courtesy(words.slice(at))
    refused ||= length > 0
    more ||= beside === 0
    at += beside || 1
  }
  if (refused && !more) return 'plain'
  return refused || traces.test(words.join(' ')) ? 'among more' : undefined
}

/** How many words at the start one of these takes, the most. */
function wordsIn(rest: string, sentences: readonly RegExp[]): number {
  const longest = Math.max(0, ...sentences.map((sentence) => sentence.exec(rest)?.[0].length ?? 0))
  if (longest === 0) return 0
  const words = rest.slice(0, longest).split(' ')
  // Nothing ends with these: "STOP, de ma part".
  while (leading.has(words.at(-1) ?? '')) words.pop()
  return words.length
}

function courtesy(words: readonly string[]): number {
  const first = saidIn(words.slice(0, mostWordsOfCourtesy))[0]
  return first && (first.meaning === 'polite' || first.meaning === 'sorry') ? first.words.length : 0
}
const mostWordsOfCourtesy = 8

/** "STOP", and a name in the lines below it. */
function withoutNameBelow(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  while (lines.length > 1 && isSignature(lines.at(-1) ?? '')) lines.pop()
  return lines.join('\n')
}
