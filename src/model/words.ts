/** Nobody answers at greater length; NFKD makes up to 18 characters of one, and this runs while a webhook waits. */
const longest = 1_000
const separate = /[\p{L}\p{N}]+|\?|[\p{Sm}\p{Sc}\p{So}\p{Co}\p{Cn}]/gu
/** Typed on by a finger that stays: "ouiii", "nooon"; a double is one at a word's end only, for "noon" is not "non". */
const typedOn = /(\p{L})\1{2,}|(\p{L})\2+$/gu

/**
 * The words of a message: lower case, without accents, punctuation, skin tones and letters typed on. Each symbol is a word.
 * So is a question mark, since a person who asks has not answered. A text too long for an answer ends in `…`, a word
 * that no answer has.
 */
export function wordsOf(text: string): string[] {
  const plain = text
    .slice(0, longest)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/\p{Lm}/gu, ' ')
  const words = (plain.match(separate) ?? []).map((word) => word.replace(typedOn, '$1$2'))
  return text.length > longest ? [...words, '…'] : words
}

/** Words as one key: "c'est bon", "c’est bon" and "cest bon" are the same. */
export function keyOf(words: readonly string[]): string {
  return words.join('')
}

/** The key of what is written, whatever its case, accents and punctuation. */
export function phraseKey(phrase: string): string {
  return keyOf(wordsOf(phrase))
}
