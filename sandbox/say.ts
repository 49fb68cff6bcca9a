import { z } from 'zod'
import { credentials } from './credentials.ts'
import { receiveChat } from './greenapi/events.ts'
import type { Notifications } from './greenapi/notifications.ts'
import type { Journal } from './greenapi/record.ts'
import { receiveCustomer } from './twilio/inbound.ts'
import type { TwilioBooks } from './twilio/record.ts'
import type { World } from './world.ts'

const number = z.string().regex(/^\+[1-9]\d{7,14}$/, 'must be E.164, such as +33612345678')

/** What a customer writes, and through which provider it comes in. */
export const saying = z
  .strictObject({
    channel: z.enum(['whatsapp', 'sms']),
    provider: z.enum(['twilio', 'greenapi']).default('twilio'),
    from: number,
    /** Our number; the sandbox's own when left out. Green-API's instance has only one. */
    to: number.optional(),
    text: z.string().max(1_600, 'must have at most 1600 characters').optional(),
    /** The payload of a pressed button; `text` is then its title. */
    button: z.string().max(200, 'must have at most 200 characters').optional(),
  })
  .refine(({ text, button }) => text || button, { path: ['text'], message: 'must be given, or button' })
  .refine(({ channel, provider }) => channel !== 'sms' || provider === 'twilio', {
    path: ['provider'],
    message: 'must be twilio for sms: Green-API speaks WhatsApp only',
  })
  .refine(({ channel, button }) => channel !== 'sms' || button === undefined, {
    path: ['button'],
    message: 'must be left out for sms, which has no buttons',
  })
export type Saying = z.input<typeof saying>

/** The id that the provider gave the message, and what the server answered to its first webhook (null: nothing). */
export interface Said {
  id: string
  status: number | null
}

/** Makes a customer write. */
export function say(
  world: World,
  books: TwilioBooks,
  journal: Journal,
  notifications: Notifications,
  input: Saying,
) {
  const { channel, provider, from, to, text = 'Confirmer', button } = saying.parse(input)
  if (provider === 'greenapi') {
    const chatId = `${from.slice(1)}@c.us`
    return receiveChat(world, journal, notifications, { chatId, text, button })
  }
  const { whatsappFrom, smsFrom } = credentials.twilio
  const prefix = channel === 'whatsapp' ? 'whatsapp:' : ''
  const ours = to === undefined ? (prefix ? whatsappFrom : smsFrom) : prefix + to
  return receiveCustomer(world, books, { from: prefix + from, to: ours, text, button })
}
