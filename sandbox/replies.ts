import type { Story } from './stories.ts'

/** What a customer answers by itself. */
const replies = new Map<Story, { text: string; button?: string }>([
  ['oui', { text: 'OUI' }],
  ['non', { text: 'NON' }],
  ['button', { text: 'Confirmer', button: 'confirm' }],
  ['stop', { text: 'STOP' }],
])

export function replyOf(story: Story): { text: string; button?: string } | undefined {
  return replies.get(story)
}

/** The opt-out words that Twilio heeds by default; English only. */
export const keywords = {
  stop: new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']),
  start: new Set(['START', 'YES', 'UNSTOP']),
}
