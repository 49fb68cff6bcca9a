import { type Meaning, phrases } from './phrases.ts'
import { speller } from './spelling.ts'
import { keyOf, phraseKey, wordsOf } from './words.ts'

const mostWords = 8

const meanings: readonly Meaning[] = [
  'yes',
  'no',
  'callOff',
  'absence',
  'polite',
  'glad',
  'sorry',
  'about',
  'doubt',
]
const meaningOf = new Map(
  meanings.flatMap((meaning) => phrases[meaning].map((phrase) => [phraseKey(phrase), meaning])),
)

const spelled = speller(meanings.flatMap((meaning) => phrases[meaning].flatMap((phrase) => wordsOf(phrase))))

/** `unknown`: a word that no phrase holds. */
export type Said = Meaning | 'unknown'

/** What a message says, read from its start by the longest phrase that fits; a slip in a long word does not count. */
export function saidIn(words: readonly string[]): { meaning: Said; words: readonly string[] }[] {
  const said: { meaning: Said; words: readonly string[] }[] = []
  const right = words.map(spelled)
  for (let at = 0; at < words.length; ) {
    const { meaning, length } = phraseAt(right, at)
    said.push({ meaning, words: words.slice(at, at + length) })
    at += length
  }
  return said
}

function phraseAt(words: readonly string[], at: number): { meaning: Said; length: number } {
  for (let length = Math.min(mostWords, words.length - at); length > 0; length--) {
    const meaning = meaningOf.get(keyOf(words.slice(at, at + length)))
    if (meaning) return { meaning, length }
  }
  return { meaning: 'unknown', length: 1 }
}
