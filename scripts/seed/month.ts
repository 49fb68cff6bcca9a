import type { OutgoingMessage } from '#src/model/message.ts'
import type { NewMessage } from '#src/store/kept.ts'
import { createRandom, type Random } from '../random.ts'
import { type Followed, followed } from './followed.ts'
import { answerOf, type Person, people, subjectOf, textOf } from './people.ts'
import { type Carrier, carriers, type Story } from './stories.ts'
import { digest } from './told.ts'

/** One message of the month, and what was told of it. */
export interface Seeded extends Followed {
  message: NewMessage
  end: Story['end']
  at: Date
}

/** Which month: the same `seed` gives the same messages, so that they are there once. */
export interface Month {
  tenantId: string
  days: number
  /** How many messages go out a day. */
  aDay: number
  seed: number
  now: Date
}

const dayMs = 86_400_000
const firstHour = 8
const lastHour = 19
/** One in so many texts is answered. */
const answeredOneIn = 5
const senders = { email: 'max@example.com', sms: '+33639980001', whatsapp: '+33639980001' } as const
/** Further ahead than anybody works on a copy: what is scheduled must not go out. */
const scheduledAheadMs = 330 * dayMs

/** A plausible month that ends now. */
export function* month(wish: Month): Generator<Seeded> {
  const random = createRandom(wish.seed)
  const customers = people(Math.max(wish.aDay * 3, 20))
  const today = new Date(wish.now).setUTCHours(0, 0, 0, 0)
  for (let number = 0; number < wish.days * wish.aDay; number++) {
    const daysAgo = wish.days - 1 - Math.floor(number / wish.aDay)
    const second = random.below((lastHour - firstHour) * 3_600) + firstHour * 3_600
    const at = new Date(today - daysAgo * dayMs + second * 1_000)
    const one = seeded(wish, number, at, random.pick(customers), random)
    if (at < wish.now) yield one
  }
}

function seeded(month: Month, number: number, at: Date, person: Person, random: Random): Seeded {
  const carrier = drawn<Carrier>(carriers, random)
  const story = drawn<Story>(carrier.stories, random)
  const id = uuid(`${month.tenantId}:${month.seed}:${number}`)
  const message = outgoing({ id, tenantId: month.tenantId, createdAt: at }, carrier, person, random)
  const answer = random.below(answeredOneIn) === 0 ? answerOf(random) : undefined
  const { outcome, events } = followed(carrier, story, message, senders[carrier.channel], answer)
  return {
    message: around(message, carrier, person, sendAtOf(story.end, at, month.now)),
    end: story.end,
    at,
    outcome,
    events: events.filter(({ receivedAt }) => receivedAt <= month.now),
  }
}

function outgoing(
  known: Pick<OutgoingMessage, 'id' | 'tenantId' | 'createdAt'>,
  { channel, provider }: Carrier,
  person: Person,
  random: Random,
): OutgoingMessage {
  if (channel !== 'email') return { ...known, channel, to: person.phone, body: textOf(random) }
  const subject = subjectOf(random)
  const text = `Bonjour ${person.name},\n\n${subject}.\n\nÀ bientôt`
  const html = `<p>${text.replaceAll('\n\n', '</p><p>')}</p>`
  const tracked = provider === 'sendgrid'
  const tracking = { opens: tracked, clicks: tracked }
  return { ...known, channel, to: person.email, subject, text, html, tracking }
}

function around(
  message: OutgoingMessage,
  { provider, channel }: Carrier,
  { leadId }: Person,
  sendAt: Date | undefined,
): NewMessage {
  return {
    message,
    provider,
    sender: senders[channel],
    leadId,
    parentType: undefined,
    parentId: undefined,
    metadata: undefined,
    warnings: [],
    requestId: undefined,
    sendAt,
    expiresAt: undefined,
  }
}

/** What is cancelled had still a day to wait. */
function sendAtOf(end: Story['end'], at: Date, now: Date): Date | undefined {
  if (end === 'scheduled') return new Date(now.getTime() + scheduledAheadMs)
  return end === 'cancelled' ? new Date(at.getTime() + dayMs) : undefined
}

/** One of these, each as often as its share. */
function drawn<Shared extends { share: number }>(from: readonly Shared[], random: Random): Shared {
  let left = random.below(from.reduce((sum, { share }) => sum + share, 0))
  for (const one of from) {
    left -= one.share
    if (left < 0) return one
  }
  throw new Error('seed: nothing to draw from')
}

function uuid(text: string): string {
  const hex = digest(text)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}
