import type { Hidden } from './hidden.ts'
import { maskedPatterns } from './mask.ts'
import { ordinaryWords } from './ordinary-words.ts'
import { decoded } from './readable.ts'

/** A part of a text, and what stands in its place. */
export interface Quote {
  start: number
  end: number
  mask: string
}

/** So many words of a message one after another are its own, however ordinary each of them is. */
const quotedWords = 5
/** So many characters of a key are not an accident. */
const quotedKey = 8
const shortestWord = 3
const shortestNumber = 4

/** Scripts that have no spaces, and pictures: each character is a word. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Extended_Pictographic}]/gv
const word = new RegExp(`${unspaced.source}|[[\\p{L}\\p{M}\\p{N}]--${unspaced.source}]+`, 'gv')
const base64 = /[a-z\d+/_-]{12,}={0,2}/gi
const digits = /\d(?:[\s().-]{0,3}\d){3,}/g

/** What of a readable text was taken from what is hidden, in its order and without overlaps. */
export function quotesIn(text: string, hidden: Hidden): Quote[] {
  const texts = hidden.texts.map((one) => ` ${wordsOnly(one)} `)
  const found = plainQuotes(text, hidden, texts)
  for (const { index, 0: wrapped } of text.matchAll(base64)) {
    const inside = decoded(Buffer.from(wrapped, 'base64'), 'utf-8', '')
    if (plainQuotes(inside, hidden, texts).length > 0) found.push(quote(index, index + wrapped.length))
  }
  return merged(found)
}

function plainQuotes(text: string, { numbers, secrets }: Hidden, texts: readonly string[]): Quote[] {
  const shaped = maskedPatterns.flatMap(([pattern, mask]) =>
    [...text.matchAll(pattern)].map(({ index, 0: part }) => quote(index, index + part.length, mask)),
  )
  const known = [
    ...shaped,
    ...secrets.flatMap((secret) => keyQuotes(text, secret)),
    ...numbers.flatMap((number) => numberQuotes(text, number)),
  ]
  const said = wordsOf(text).filter(
    ({ start, end }) => !known.some((one) => one.start < end && start < one.end),
  )
  return [...known, ...wordQuotes(text, said, texts)]
}

/** Also a part of the key, unless it is a word that anybody says (a password may hold "password"). */
function keyQuotes(text: string, secret: string): Quote[] {
  const [lower, key] = [text.toLowerCase(), secret.toLowerCase()]
  const least = Math.min(quotedKey, key.length)
  const found: Quote[] = []
  for (let start = 0; least >= shortestWord && start + least <= lower.length; start += 1) {
    let end = start + least
    if (!key.includes(lower.slice(start, end))) continue
    while (end < lower.length && key.includes(lower.slice(start, end + 1))) end += 1
    const isWhole = end - start === key.length
    const words = lower.slice(start, end).split(/[^\p{L}\p{N}]+/u)
    if (isWhole || words.some(isOwn)) found.push(quote(start, end))
    start = end - 1
  }
  return found
}

/** A phone number, or its last digits. */
function numberQuotes(text: string, number: string): Quote[] {
  return [...text.matchAll(digits)].flatMap(({ index, 0: part }) => {
    const numerals = part.replace(/\D/g, '')
    const isPart =
      number.endsWith(numerals) || (numerals.length > shortestNumber && number.includes(numerals))
    return isPart ? [quote(index, index + part.length, '<number>')] : []
  })
}

interface Word {
  word: string
  start: number
  end: number
}

function wordQuotes(text: string, said: readonly Word[], texts: readonly string[]): Quote[] {
  const found: Quote[] = []
  for (let at = 0; at < said.length; at += 1) {
    const count = Math.max(0, ...texts.map((words) => quotedFrom(text, said.slice(at), words)))
    const [first, last] = [said[at], said[at + count - 1]]
    if (first === undefined || last === undefined || count === 0) continue
    found.push(quote(first.start, last.end))
    at += count - 1
  }
  return found
}

/** How many of these words, from the first on, are a quote of a text. */
function quotedFrom(text: string, said: readonly Word[], words: string): number {
  let run = ''
  let count = 0
  for (const next of said) {
    const longer = `${run} ${next.word}`
    if (words.includes(`${longer} `)) {
      run = longer
      count += 1
    } else {
      // Cut off in the middle of a word.
      const isCut = isCutAfter(text, next) && words.includes(longer)
      if (isCut && (count > 0 ? isQuote(text, said.slice(0, count), words) : isOwn(next.word)))
        return count + 1
      break
    }
  }
  return isQuote(text, said.slice(0, count), words) ? count : 0
}

/** The whole of what is hidden, several words of it, or one that is its own. */
function isQuote(text: string, run: readonly Word[], words: string): boolean {
  const phrase = run.map(({ word }) => word).join(' ')
  if (run.length >= quotedWords || run.some(({ word }) => isOwn(word))) return true
  return run.length > 0 && phrase === words.trim() && (phrase.length >= shortestWord || isEnclosed(text, run))
}

/** Whether a word is the message's own, and not one of which every explanation is made. */
function isOwn(word: string): boolean {
  if (/[^\p{ASCII}]/u.test(word)) return true
  return word.length >= (/^\d+$/.test(word) ? shortestNumber : shortestWord) && !ordinaryWords.has(word)
}

/** Whether a run of words stands between quotation marks. */
function isEnclosed(text: string, run: readonly Word[]): boolean {
  const [before, after] = [text.slice(0, run[0]?.start), text.slice(run.at(-1)?.end)]
  return /["'`“«‘„<([]\s?$/.test(before) && /^\s?["'`”»’“>)\]]/.test(after)
}

/** Whether what follows a word looks like the end of a quote. */
function isCutAfter(text: string, { word, end }: Word): boolean {
  return word.length > 0 && /^(?:\s?(?:…|\.{2})|["'”»’>)\]]|$)/.test(text.slice(end))
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(word)].map(({ index, 0: part }) => ({
    word: plain(part),
    start: index,
    end: index + part.length,
  }))
}

/** The words of a text with a space between them, without case and accents, which whatever quotes it may change. */
function wordsOnly(text: string): string {
  return plain(text)
    .replace(unspaced, ' $& ')
    .replace(/[^\p{L}\p{N}\p{Extended_Pictographic}]+/gu, ' ')
    .trim()
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss')
}

function quote(start: number, end: number, mask = '<hidden>'): Quote {
  return { start, end, mask }
}

/** Overlapping ones as one. */
function merged(quotes: readonly Quote[]): Quote[] {
  const all: Quote[] = []
  for (const next of quotes.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = all.at(-1)
    if (last === undefined || next.start >= last.end) all.push({ ...next })
    else last.end = Math.max(last.end, next.end)
  }
  return all
}
