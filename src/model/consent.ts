import type { Channel } from './message.ts'
import { ownWords } from './own-words.ts'
import { givingConsent, withdrawing, withdrawingBySms } from './phrases.ts'
import { refusalIn } from './refusals.ts'
import { saidIn } from './sayings.ts'
import { keyOf, phraseKey, wordsOf } from './words.ts'

/** What somebody said, or proved, of being written to at this address: no more, or again. */
export type Consent = 'withdrawn' | 'given'

const withdrawingKeys = new Set(withdrawing.map(phraseKey))
const withdrawingBySmsKeys = new Set(withdrawingBySms.map(phraseKey))
const givingKeys = new Set(givingConsent.map(phraseKey))

/**
 * Whether a person says that they are not to be written to any more, or again. It counts only where it is the whole message;
 * beside a STOP, courtesies, reasons and a signature may stand, and it may be said in a sentence (src/model/refusals.ts). Who
 * wants no more mail, and says so elsewhere, does not say it of that channel. By SMS Twilio itself takes STOP, STOPALL,
 * UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE and OPTOUT as a STOP, and START and UNSTOP as the contrary; French words and WhatsApp
 * are ours to honour (https://help.twilio.com/articles/223134027). So CANCEL by SMS is both an answer and this. By YES Twilio
 * lifts its own block too. To us it is an answer, and lifts no block of ours.
 */
export function consentOf(said: { channel: Channel; text?: string | undefined }): Consent | undefined {
  const words = wordsOf(ownWords(said.text ?? ''))
  const asked = words.filter((word) => word !== '?')
  const bare = saidIn(asked).flatMap(({ meaning, words }) => (meaning === 'polite' ? [] : words))
  const refusal = refusalIn(said.text ?? '')
  const refused = refusal?.said === 'plain' && (refusal.about.here || said.channel === 'email')
  if (refused || withdrawingKeys.has(keyOf(bare))) return 'withdrawn'
  if (givingKeys.has(keyOf(words))) return 'given'
  return said.channel === 'sms' && withdrawingBySmsKeys.has(keyOf(asked)) ? 'withdrawn' : undefined
}
