import { erasureIn } from './erasures.ts'
import { isSignature, ownWords } from './own-words.ts'
import { bareOf, declining, elsewhere, reasons } from './refusal-reasons.ts'
import { refusals, rooted, traces } from './refusal-sentences.ts'
import { aboutOf, isOfAThing, isOneForTheOther, type Subject } from './refusal-subjects.ts'
import { saidIn } from './sayings.ts'
import { wordsOf } from './words.ts'

/** What a message says of being written to. */
export interface Refusal {
  /**
   * `plain`: not any more, and nothing else that anybody has to answer. `among more`: it may say so, beside something that
   * only a person can answer ("stop, je suis malade, on peut décaler ?").
   */
  said: 'plain' | 'among more'
  /** What it is about. Of what stands among more nobody knows: a person reads it. */
  about: Subject
  /** Whether it asks, or may ask, that what is kept of its person be erased. */
  erasure: boolean
}

/** Nobody asks for nothing but that at greater length. */
const mostWords = 60
const hasLetters = /[\p{L}\p{N}…]/u
const leading: ReadonlySet<string> = new Set('a au aux d de des du et ou ni par and or nor by'.split(' '))
/** Signs that are read as the word. */
const stopSigns: ReadonlySet<string> = new Set(['🛑', '⛔'])

/** Whether a person asks not to be written to; undefined: no word of it. */
export function refusalIn(text: string): Refusal | undefined {
  const own = ownWords(text)
  const erasure = erasureIn(own)
  const said = readAnyhow(own)
  if (erasure === undefined)
    return said && { ...said, said: isDoubtful(own) ? 'among more' : said.said, erasure: false }
  const isPlain = !isDoubtful(own) && (said?.said === 'plain' || (erasure === 'asked' && !saysYes(own)))
  return { said: isPlain ? 'plain' : 'among more', about: { ...everything, ...said?.about }, erasure: true }
}

/** An answer to something else, which is not to be lost. */
function saysYes(own: string): boolean {
  return saidIn(wordsOf(own)).some(({ meaning }) => meaning === 'yes')
}

const everything: Subject = { here: true, mail: false, leaving: false, stranger: false }

const startsWithStop = /^(?:s+t+o+p+|ar+et)/
const politeQuestion =
  /(?:^| )(?:pouvez|pourriez|peux|peut|merci|veuil+ez|svp|s il vous plait|can|could|would|will|please|combien de fois|how many times|clair|compris|understand|understood)(?: |$)/
/** Not now, and not for ever; more of them, and not no more. */
const notNow = /(?:^| )(?:pas|don ?t|do not)(?: .*)? (?:maintenant|now|today|aujourd hui|ce soir)(?: |$)/
const wantsMore =
  /(?:^| )(?:voudrais|souhaiterais|souhaitons|aimerais|prefere(?:rais)?)(?: bien)?(?: recevoir)? plus (?!recevoir|etre |avoir )/
/** What did not come is missed. */
const missesIt = /(?:^| )(?:desolee?s?|navree?s?|regret\w*|sor+y|dom+age) (?:de |d )?ne (?:pas |plus )/

/** A sentence that refuses by its words, and may mean something else: "Plus de rappels ?", "Don't text me now". */
function isDoubtful(own: string): boolean {
  const words = wordsOf(own).join(' ')
  const asks = own.includes('?') && !startsWithStop.test(words) && !politeQuestion.test(words)
  return asks || notNow.test(words) || wantsMore.test(words) || missesIt.test(words)
}

type Read = Omit<Refusal, 'erasure'>

/** As it stands; without a name below; without what says nothing. */
function readAnyhow(own: string): Read | undefined {
  const first = read(wordsIn(own))
  if (first?.said !== 'among more') return first
  const ways = [wordsIn(withoutNameBelow(own)), wordsIn(own), wordsIn(withoutNameBelow(own))]
  const bare = ways.map((words, at) => (at === 0 ? words : bareOf(words.join(' ')).split(' ')))
  return bare.map(read).find((one) => one?.said === 'plain') ?? first
}

function wordsIn(text: string): string[] {
  return wordsOf(text)
    .join(' ')
    .replace(/(?<=^| )s t o p(?= |$)/g, 'stop')
    .split(' ')
    .map((word) => (stopSigns.has(word) ? 'stop' : word))
    .filter((word) => hasLetters.test(word))
}

/** A message read from its start: refusals, reasons for them, courtesies; whatever else there is is more. */
function read(words: readonly string[]): Read | undefined {
  const all = words.join(' ')
  if (!rooted.test(all) && !traces.test(all)) return undefined
  const among: Read = { said: 'among more', about: everything }
  if (words.length > mostWords) return traces.test(all) ? among : undefined
  const said: string[] = []
  let declines = false
  let stranger = false
  let more = false
  for (let at = 0; at < words.length; ) {
    const rest = words.slice(at).join(' ')
    const length = longestOf(rest, refusals)
    const beside =
      length || longestOf(rest, reasons) || longestOf(rest, elsewhere) || courtesy(words.slice(at))
    const sentence = words.slice(at, at + beside).join(' ')
    if (length > 0) said.push(sentence)
    declines ||= declining.test(sentence)
    stranger ||= elsewhere.some((one) => one.test(sentence))
    more ||= beside === 0
    at += beside || 1
  }
  if (said.length > 0 && !more && !said.some(isOneForTheOther) && !said.every(isOfAThing)) {
    const about = aboutOf(said)
    return { said: 'plain', about: { ...about, leaving: about.leaving || declines, stranger } }
  }
  return said.length > 0 || traces.test(all) ? among : undefined
}

/** How many words at the start one of these takes, the most. */
function longestOf(rest: string, sentences: readonly RegExp[]): number {
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
