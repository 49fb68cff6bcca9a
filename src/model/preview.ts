import type { Channel } from './message.ts'

export const languages = ['fr', 'en'] as const
export type Language = (typeof languages)[number]

const nouns: Record<Channel, string> = { email: 'Email', sms: 'SMS', whatsapp: 'WhatsApp' }

type State = 'sent' | 'queued' | 'scheduled' | 'unknown' | 'cancelled'

const verbs: Record<Language, Record<State, string>> = {
  fr: {
    sent: 'envoyé à',
    queued: "en attente d'envoi à",
    scheduled: 'programmé pour',
    unknown: 'peut-être envoyé (à vérifier) à',
    cancelled: 'annulé pour',
  },
  en: {
    sent: 'sent to',
    queued: 'waiting to be sent to',
    scheduled: 'scheduled for',
    unknown: 'may have been sent (to be checked) to',
    cancelled: 'cancelled for',
  },
}

/** One line for the person who asked: `Email "Test" envoyé à test@example.com`. */
export function preview(
  message: { channel: Channel; to: string; subject?: string | undefined },
  state: State,
  language: Language,
): string {
  const subject = message.subject === undefined ? '' : ` "${message.subject}"`
  return `${nouns[message.channel]}${subject} ${verbs[language][state]} ${message.to}`
}

/** French unless the caller prefers English (`Accept-Language: en`). */
export function languageOf(acceptLanguage: string | undefined): Language {
  return /^en\b/i.test(acceptLanguage?.trim() ?? '') ? 'en' : 'fr'
}
