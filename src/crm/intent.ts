import { ownWords } from '#src/model/own-words.ts'
import { type Refusal, refusalIn } from '#src/model/refusals.ts'
import type { Said } from '#src/model/sayings.ts'
import { saidIn } from '#src/model/sayings.ts'
import { phraseKey, wordsOf } from '#src/model/words.ts'

/**
 * What an answer means. `ambiguous`: it holds an answer, and more that may take it back. `refusing`: it asks not to be
 * written to any more, or may. `courtesy`: nothing but that. `other`: no word of an answer that we know.
 */
export type Intent =
  | { kind: 'confirm' | 'cancel'; by: 'button' | 'text'; appointmentId?: string }
  | { kind: 'ambiguous' }
  | { kind: 'refusing'; refusal: Refusal }
  | { kind: 'courtesy' }
  | { kind: 'other' }

/** What a person wrote or pressed. */
interface Words {
  text?: string | undefined
  buttonPayload?: string | undefined
  /** Those of the message that it may answer: where none can be pressed, their titles are typed. */
  buttons?: readonly { id: string; title: string }[] | undefined
}

const button = /^(confirm|cancel)(?::([A-Za-z0-9_=\-.]{1,36}))?$/
/** Of our buttons, but it names no appointment that can be read: its title must not act on another one. */
const unreadableButton = /^(confirm|cancel):/

const answering: readonly Said[] = ['yes', 'no', 'callOff', 'absence', 'doubt']

/** What a whole message may be made of. Not "no" beside "cancelled": "non annulé" may be either. */
const answers: readonly { kind: 'confirm' | 'cancel'; of: ReadonlySet<Said> }[] = [
  { kind: 'confirm', of: new Set(['yes', 'polite', 'glad', 'about']) },
  { kind: 'cancel', of: new Set(['no', 'absence', 'polite', 'sorry']) },
  { kind: 'cancel', of: new Set(['absence', 'polite', 'sorry', 'about']) },
  { kind: 'cancel', of: new Set(['callOff', 'absence', 'polite', 'sorry', 'about']) },
]

/**
 * What a person means by a button or by words. Words act only where the whole message is nothing but an answer that we
 * know, and courtesies: whoever says "oui mais", or asks "annuler ?", has not answered. In any case, accents and
 * punctuation, French and English.
 */
export function intentOf(said: Words): Intent {
  const payload = said.buttonPayload ?? ''
  const [, pressed, appointmentId] = button.exec(payload) ?? []
  if (pressed === 'confirm' || pressed === 'cancel')
    return { kind: pressed, by: 'button', ...(appointmentId === undefined ? {} : { appointmentId }) }
  if (unreadableButton.test(payload)) return { kind: 'ambiguous' }
  const typed = said.buttons?.find(
    ({ title }) => phraseKey(title) !== '' && phraseKey(title) === phraseKey(said.text ?? ''),
  )
  const meant = typed && intentOf({ buttonPayload: typed.id })
  if (meant && meant.kind !== 'other' && meant.kind !== 'courtesy')
    return 'by' in meant ? { ...meant, by: 'text' } : meant
  const refusal = refusalIn(said.text ?? '')
  if (refusal) return { kind: 'refusing', refusal }
  return answerIn(saidIn(wordsOf(ownWords(said.text ?? ''))))
}

function answerIn(said: ReturnType<typeof saidIn>): Intent {
  const found = new Set(said.map(({ meaning }) => meaning))
  if (!answering.some((meaning) => found.has(meaning)))
    return found.size === 1 && found.has('polite') ? { kind: 'courtesy' } : { kind: 'other' }
  const answer = answers.find(({ of }) => [...found].every((meaning) => of.has(meaning)))
  return answer && !said.some(takesBack) ? { kind: answer.kind, by: 'text' } : { kind: 'ambiguous' }
}

/** "Je ne peux pas annuler", "I can't decline": the contrary of what each half says. */
function takesBack(
  { meaning, words }: { meaning: Said; words: readonly string[] },
  at: number,
  said: ReturnType<typeof saidIn>,
): boolean {
  const one = words.length === 1 ? (words[0] ?? '') : ''
  const takenBack = meaning === 'callOff' || (meaning === 'absence' && /^(?:refus|declin)/.test(one))
  return takenBack && one !== '' && said[at - 1]?.meaning === 'absence'
}
