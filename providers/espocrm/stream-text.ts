import type { DeliveryFacts, DeliveryWord, TracedMessage } from '#src/crm.ts'
import type { Channel } from '#src/message.ts'
import { readableTime } from './clock.ts'
import { plainText, plainWords } from './markdown.ts'

const nouns: Record<Channel, string> = { email: 'Email', sms: 'SMS', whatsapp: 'WhatsApp' }

/** What went wrong, for those who read the stream; of what went right there is no note. */
const failures: Partial<Record<DeliveryWord, string>> = {
  Failed: 'non remis à',
  Bounced: 'refusé par la messagerie de',
  Spam: 'signalé comme indésirable par',
}

/** A message as a post: what, with whom and when in one line, then its words. French, as the CRM's people read it. */
export function messageText({ channel, direction, from, to, subject, text, at }: TracedMessage): string {
  const whom = direction === 'inbound' ? `reçu de ${plainWords(from ?? '?')}` : `envoyé à ${plainWords(to)}`
  const heading = `**${nouns[channel]}** ${whom} · ${readableTime(at)}`
  return [heading, ...(subject ? [`*${plainWords(subject)}*`] : []), ...(text ? [plainText(text)] : [])].join(
    '\n\n',
  )
}

/** What went wrong with a message as a post; undefined: nothing did. */
export function failureText(
  { channel, to }: TracedMessage,
  { status, reason }: DeliveryFacts,
): string | undefined {
  const failure = failures[status]
  if (failure === undefined) return undefined
  const heading = `**${nouns[channel]}** ${failure} ${plainWords(to)}`
  return reason ? `${heading} : ${plainText(reason)}` : heading
}
