import { type DeliveryFacts, isFailure, type TracedMessage } from '#src/contract/crm.ts'
import { localTime } from '#src/model/local-time.ts'
import type { Standing } from '#src/model/sentences/sentences.ts'
import type { Espo } from './espo.ts'
import { htmlText } from './html-text.ts'
import { plainText, plainWords } from './markdown.ts'

/** What is needed to write to the team. */
type Language = Pick<Espo, 'sentences' | 'timeZone'>

/** A message as a post: what, with whom and when in one line, then its words. */
export function messageText(message: TracedMessage, language: Language): string {
  const { direction, from, to } = message
  const heading =
    direction === 'inbound'
      ? headingOf(message, 'received', from ?? '?', language)
      : headingOf(message, 'sent', to, language)
  return [heading, ...wordsOf(message)].join('\n\n')
}

/** One that no provider took, as the only post about it: that it was not sent, why, and its words. */
export function unsentText(message: TracedMessage, { reason }: DeliveryFacts, language: Language): string {
  const heading = headingOf(message, 'unsent', message.to, language)
  const why = reason ? [language.sentences.because(plainText(reason))] : []
  return [heading, ...why, ...wordsOf(message)].join('\n\n')
}

/** What went wrong with a message as a post; undefined: nothing did, and of what went right there is no note. */
export function failureText(
  { channel, to }: TracedMessage,
  { status, reason }: DeliveryFacts,
  { sentences }: Language,
): string | undefined {
  if (!isFailure(status)) return undefined
  const heading = `**${sentences.channels[channel]}** ${sentences.standings[status](plainWords(to))}`
  return reason ? sentences.withReason(heading, plainText(reason)) : heading
}

function headingOf(
  { channel, at }: TracedMessage,
  standing: Standing,
  whom: string,
  { sentences, timeZone }: Language,
): string {
  const time = localTime(at, { locale: sentences.locale, timeZone }, 'both')
  return `**${sentences.channels[channel]}** ${sentences.standings[standing](plainWords(whom))} · ${time}`
}

function wordsOf({ subject, text, html }: TracedMessage): string[] {
  const words = text ?? (html && htmlText(html))
  return [...(subject ? [`*${plainWords(subject)}*`] : []), ...(words ? [plainText(words)] : [])]
}
