import { createHash } from 'node:crypto'
import type { OfCopies } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { Tried } from './attempt-end.ts'
import { endEvent } from './attempt-events.ts'

/**
 * What became of the copies of a mail, each as an event of its own about that recipient, which changes no status: those who were
 * refused, and, where `to` lacks it, those who have it.
 */
export function copyEvents(tried: Tried, { reached, refused }: OfCopies, toLacksIt: boolean): MessageEvent[] {
  const { provider, message, attempt, at } = tried
  const of = (recipient: string) => {
    const whose = createHash('sha256').update(recipient.toLowerCase()).digest('hex').slice(0, 16)
    return { recipient, eventId: `send:${message.id}:${attempt.number}:${whose}` }
  }
  const about = { provider: provider.name, message, attempt: attempt.number, at }
  const refusals = refused.map(({ recipient, error }) => {
    const { providerCode: code, message: reason, bounced } = error
    return {
      ...endEvent({ ...about, type: bounced ? 'bounced' : 'rejected', code, reason }),
      ...of(recipient),
    }
  })
  const taken = (toLacksIt ? reached : []).map(
    (recipient): MessageEvent => ({
      provider: provider.name,
      ...of(recipient),
      type: 'sent',
      providerType: 'accepted',
      channel: message.channel,
      messageId: message.id,
      source: 'send',
      occurredAt: at,
      receivedAt: at,
      raw: null,
    }),
  )
  return [...refusals, ...taken]
}
