import type { DeliveryFacts, DeliveryWord, TracedMessage } from '#src/contract/crm.ts'
import type { Channel } from '#src/model/message.ts'
import { readableTime } from './clock.ts'
import { htmlText } from './html-text.ts'
import { plainText, plainWords } from './markdown.ts'

const nouns: Record<Channel, string> = { email: 'Email', sms: 'SMS', whatsapp: 'WhatsApp' }

/** What went wrong, for those who read the stream; of what went right there is no note. */
const failures: Partial<Record<DeliveryWord, string>> = {
  Failed: 'non remis à',
  Bounced: 'refusé par la messagerie de',
  Spam: 'signalé comme indésirable par',
}

/** Why, where we say so ourselves; what a provider says stays in its own words. */
const reasons = new Map([
  ['suppressed', 'cette adresse ne doit plus recevoir de messages'],
  ['expired', 'le délai d’envoi était dépassé'],
  [
    'outside_whatsapp_window',
    'plus de 24 heures sans message de cette personne (WhatsApp n’accepte alors qu’un modèle approuvé)',
  ],
  ['cancelled', 'l’envoi a été annulé'],
  ['cleared', 'retiré de la file d’attente avant l’envoi'],
  ['provider_off', 'ce moyen d’envoi est désactivé'],
  ['resolved_as_failed', 'une personne a constaté que le message n’est pas parti'],
])

/** A message as a post: what, with whom and when in one line, then its words. French, as the CRM's people read it. */
export function messageText(message: TracedMessage): string {
  const { direction, from, to } = message
  const whom = direction === 'inbound' ? `reçu de ${plainWords(from ?? '?')}` : `envoyé à ${plainWords(to)}`
  return [headingOf(message, whom), ...wordsOf(message)].join('\n\n')
}

/** One that no provider took, as the only post about it: that it was not sent, why, and its words. */
export function unsentText(message: TracedMessage, facts: DeliveryFacts): string {
  const reason = reasonOf(facts)
  const heading = headingOf(message, `non envoyé à ${plainWords(message.to)}`)
  return [heading, ...(reason ? [`Motif : ${reason}`] : []), ...wordsOf(message)].join('\n\n')
}

/** What went wrong with a message as a post; undefined: nothing did. */
export function failureText({ channel, to }: TracedMessage, facts: DeliveryFacts): string | undefined {
  const failure = failures[facts.status]
  if (failure === undefined) return undefined
  const heading = `**${nouns[channel]}** ${failure} ${plainWords(to)}`
  const reason = reasonOf(facts)
  return reason ? `${heading} : ${reason}` : heading
}

function headingOf({ channel, at }: TracedMessage, whom: string): string {
  return `**${nouns[channel]}** ${whom} · ${readableTime(at)}`
}

function wordsOf({ subject, text, html }: TracedMessage): string[] {
  const words = text ?? (html && htmlText(html))
  return [...(subject ? [`*${plainWords(subject)}*`] : []), ...(words ? [plainText(words)] : [])]
}

function reasonOf({ code = '', reason }: DeliveryFacts): string | undefined {
  const said = reason && plainText(reason)
  // What the last of them met is all that can be said of the others.
  if (code === 'attempts_exhausted') return ['tous les essais ont échoué', said].filter(Boolean).join(' : ')
  return reasons.get(code) ?? said
}
