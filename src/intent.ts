import type { Consent } from './event.ts'
import { givingConsent, type Meaning, phrases, withdrawing, withdrawingBySms } from './intent-phrases.ts'
import { keyOf, wordsOf } from './intent-words.ts'
import type { Channel } from './message.ts'

/** What an answer means. `ambiguous`: it holds an answer, and more that may take it back. */
export type Intent =
  | { kind: 'confirm' | 'cancel'; by: 'button' | 'text'; meetingId?: string }
  | { kind: 'ambiguous' }
  | { kind: 'other' }

/** What a person wrote or pressed. */
interface Words {
  text?: string | undefined
  buttonPayload?: string | undefined
  /** Those of the message that it may answer: where none can be pressed, their titles are typed. */
  buttons?: readonly { id: string; title: string }[] | undefined
}

const button = /^(confirm|cancel)(?::([A-Za-z0-9_=\-.]{1,36}))?$/
/** Of our buttons, but it names no meeting that can be read: its title must not act on another meeting. */
const unreadableButton = /^(confirm|cancel):/
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
  meanings.flatMap((meaning) => phrases[meaning].map((phrase) => [key(phrase), meaning])),
)
const answering: readonly Said[] = ['yes', 'no', 'callOff', 'absence', 'doubt']

/** A word that no phrase holds. */
type Said = Meaning | 'unknown'

/** What a whole message may be made of. Not "no" beside "cancelled": "non annulé" may be either. */
const answers: readonly { kind: 'confirm' | 'cancel'; of: ReadonlySet<Said> }[] = [
  { kind: 'confirm', of: new Set(['yes', 'polite', 'glad', 'about']) },
  { kind: 'cancel', of: new Set(['no', 'absence', 'polite', 'sorry']) },
  { kind: 'cancel', of: new Set(['callOff', 'absence', 'polite', 'sorry', 'about']) },
]

const withdrawingKeys = new Set(withdrawing.map(key))
const withdrawingBySmsKeys = new Set(withdrawingBySms.map(key))
const givingKeys = new Set(givingConsent.map(key))

/**
 * What a person means by a button or by words. Words act only where the whole message is nothing but an answer that we
 * know, and courtesies: whoever says "oui mais", or asks "annuler ?", has not answered. In any case, accents and
 * punctuation, French and English.
 */
export function intentOf(said: Words): Intent {
  const payload = said.buttonPayload ?? ''
  const [, pressed, meetingId] = button.exec(payload) ?? []
  if (pressed === 'confirm' || pressed === 'cancel')
    return { kind: pressed, by: 'button', ...(meetingId === undefined ? {} : { meetingId }) }
  if (unreadableButton.test(payload)) return { kind: 'ambiguous' }
  const typed = said.buttons?.find(({ title }) => key(title) !== '' && key(title) === key(said.text ?? ''))
  const meant = typed && intentOf({ buttonPayload: typed.id })
  if (meant && meant.kind !== 'other') return 'by' in meant ? { ...meant, by: 'text' } : meant
  const found = new Set(saidIn(wordsOf(said.text ?? '')).map(({ meaning }) => meaning))
  if (!answering.some((meaning) => found.has(meaning))) return { kind: 'other' }
  const answer = answers.find(({ of }) => [...found].every((meaning) => of.has(meaning)))
  return answer ? { kind: answer.kind, by: 'text' } : { kind: 'ambiguous' }
}

/**
 * Whether a person says that they are not to be written to any more, or again: only where it is the whole message, for the
 * first but for courtesies. Twilio takes STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE and OPTOUT by SMS as such, and START and UNSTOP as the
 * contrary; French words and WhatsApp are ours to honour (https://help.twilio.com/articles/223134027). So CANCEL by SMS is
 * both an answer and this. YES, by which Twilio lifts its own block too, is an answer to us: it lifts none of ours.
 */
export function consentOf(said: { channel: Channel; text?: string | undefined }): Consent | undefined {
  const words = wordsOf(said.text ?? '')
  const asked = words.filter((word) => word !== '?')
  const bare = saidIn(asked).flatMap(({ meaning, words }) => (meaning === 'polite' ? [] : words))
  if (withdrawingKeys.has(keyOf(bare))) return 'withdrawn'
  if (givingKeys.has(keyOf(words))) return 'given'
  return said.channel === 'sms' && withdrawingBySmsKeys.has(keyOf(asked)) ? 'withdrawn' : undefined
}

/** What a message says, read from its start by the longest phrase that fits. */
function saidIn(words: readonly string[]): { meaning: Said; words: readonly string[] }[] {
  const said: { meaning: Said; words: readonly string[] }[] = []
  for (let at = 0; at < words.length; ) {
    const { meaning, length } = phraseAt(words, at)
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

function key(phrase: string): string {
  return keyOf(wordsOf(phrase))
}
