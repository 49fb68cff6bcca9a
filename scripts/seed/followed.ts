import type { MessageEvent } from '#src/model/event.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { endEvent, receiptEvent } from '#src/sending/attempt-events.ts'
import type { Outcome } from '#src/store/kept.ts'
import type { Carrier, Story } from './stories.ts'
import { digest, type Known, told, wrote } from './told.ts'

/** How our attempt at a message ended, and what was told of it until now. */
export interface Followed {
  outcome: Outcome | undefined
  events: MessageEvent[]
}

/** Why we, or its provider, did not send it. */
const failures = {
  exhausted: { type: 'failed', code: 'attempts_exhausted', reason: 'HTTP 503' },
  rejected: { type: 'rejected', code: 'refused', reason: 'refuses this message' },
} as const

/** What follows a message, by its story; `answer`: what its person writes back, where somebody does. */
export function followed(
  carrier: Carrier,
  story: Story,
  message: OutgoingMessage,
  sender: string,
  answer: string | undefined,
): Followed {
  const attempt = { messageId: message.id, attempt: 1, provider: carrier.provider }
  if (story.end === 'accepted') {
    const known = {
      id: message.id,
      providerMessageId: idThere(carrier, message.id),
      recipient: message.to,
      sender,
    }
    const { providerMessageId } = known
    return {
      outcome: { ...attempt, outcome: 'accepted', providerMessageId, sender },
      events: [
        acceptance(carrier, message, providerMessageId),
        ...later(carrier, story, known, message, answer),
      ],
    }
  }
  if (story.end === 'unknown') {
    const errorMessage = `${carrier.provider}: did not answer in time`
    return { outcome: { ...attempt, outcome: 'unknown', errorCode: 'timeout', errorMessage }, events: [] }
  }
  if (story.end !== 'exhausted' && story.end !== 'rejected') return { outcome: undefined, events: [] }
  const { type, code, reason } = failures[story.end]
  const said = `${carrier.provider}: ${reason}`
  const outcome = story.end === 'rejected' ? 'refused' : 'exhausted'
  const at = message.createdAt
  return {
    outcome: { ...attempt, outcome, errorCode: code, errorMessage: said },
    events: [endEvent({ provider: carrier.provider, message, attempt: 1, at, type, code, reason: said })],
  }
}

function acceptance(carrier: Carrier, message: OutgoingMessage, providerMessageId: string): MessageEvent {
  const type = message.channel === 'email' ? 'sent' : 'queued'
  const receipt = { providerMessageId, eventId: `accepted:${providerMessageId}`, type, raw: null } as const
  return receiptEvent(carrier.provider, message, { ...receipt, providerType: 'accepted' }, message.createdAt)
}

function later(
  carrier: Carrier,
  { told: words }: Story,
  known: Known,
  { createdAt, channel }: OutgoingMessage,
  answer: string | undefined,
): MessageEvent[] {
  let time = createdAt.getTime()
  const events = words.flatMap((word) => {
    time += word.afterSeconds * 1_000
    return told(carrier.provider, channel, known, word, new Date(time))
  })
  // Whoever it did not reach does not answer.
  const answers = answer !== undefined && channel !== 'email' && words.length > 1
  return answers
    ? [...events, ...wrote(carrier.provider, channel, known, answer, new Date(time + 90_000))]
    : events
}

/** The id that the provider gave it. */
function idThere({ provider, channel }: Carrier, id: string): string {
  if (provider === 'twilio') return `${channel === 'sms' ? 'SM' : 'MM'}${digest(id)}`
  if (provider === 'smtp') return `<${id}@example.com>`
  return provider === 'greenapi' ? digest(id).slice(0, 20).toUpperCase() : digest(id).slice(0, 22)
}
