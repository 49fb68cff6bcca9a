import type { Language } from './language.ts'
import type { Channel } from './message.ts'
import type { Standing } from './sentences/sentences.ts'
import { sentencesIn } from './sentences/sentences-in.ts'

/** One line for the person who asked: `Email "Test" envoyé à test@example.com`. */
export function preview(
  message: { channel: Channel; to: string; subject?: string | undefined },
  standing: Standing,
  language: Language,
): string {
  const { channels, standings } = sentencesIn[language]
  const subject = message.subject === undefined ? '' : ` "${message.subject}"`
  return `${channels[message.channel]}${subject} ${standings[standing](message.to)}`
}
