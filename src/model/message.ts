import { z } from 'zod'
import { attached } from './attached.ts'

export const textChannels = ['whatsapp', 'sms'] as const
export const channels = ['email', ...textChannels] as const
export type Channel = (typeof channels)[number]

/** Where a message stands; derived in SQL from its facts by rank, never from the order they came in. */
export const messageStatuses = [
  'scheduled',
  'queued',
  'sending',
  'unknown',
  'sent',
  'deferred',
  'delivered',
  'opened',
  'read',
  'clicked',
  'bounced',
  'rejected',
  'failed',
  'complained',
  'cancelled',
  'received',
] as const
export type MessageStatus = (typeof messageStatuses)[number]

const attachment = z.object({
  filename: z.string(),
  /** base64, as the caller gave it: byte-stable over retries. */
  content: attached,
  contentType: z.string().optional(),
  /** By which its HTML names it, `cid:…`: it is shown there and not beside. */
  cid: z.string().optional(),
})

/** What is said of every message before it has an id. */
const asked = {
  tenantId: z.string(),
  /** E.164 or one email address. */
  to: z.string(),
}

/** What every message has from its acceptance on. */
const known = {
  ...asked,
  /** Our id, a uuid: it travels with the message so that receipts can name it. */
  id: z.string(),
  /** When the message was first accepted by us; the same on every attempt. */
  createdAt: z.coerce.date(),
}

const email = {
  channel: z.literal('email'),
  from: z.string().optional(),
  replyTo: z.string().optional(),
  cc: z.array(z.string()).optional(),
  bcc: z.array(z.string()).optional(),
  subject: z.string(),
  html: z.string().optional(),
  text: z.string().optional(),
  attachments: z.array(attachment).optional(),
  /** Off unless the send asks for it (docs/decisions/0014-tracking-off-without-consent.md). */
  tracking: z.object({
    opens: z.boolean(),
    clicks: z.boolean(),
    /** When and how its person agreed to it, as the caller says. */
    consent: z.object({ at: z.string(), how: z.string() }).optional(),
  }),
  /** A link by which its person ends the mails, for the button of mail programs. */
  unsubscribe: z.boolean().optional(),
}

const text = {
  channel: z.enum(textChannels),
  body: z.string(),
  /** The same text as Twilio's Content API knows it, its values by their numbers; `body` is what comes out of it. */
  template: z.object({ contentSid: z.string(), variables: z.record(z.string(), z.string()) }).optional(),
  /** Quick replies. A provider that has none shows their titles in the text. */
  buttons: z.array(z.object({ id: z.string(), title: z.string() })).optional(),
}

const outgoingEmail = z.object({
  ...known,
  ...email,
  /** Those of its copies who have it from an earlier attempt: they are not sent it again. */
  reached: z.array(z.string()).optional(),
  /** Where `unsubscribe` leads; the same on every attempt. */
  unsubscribeUrl: z.string().optional(),
  /** What of it we track where it goes by this provider: decided once, since a provider knows a repeat by its bytes. */
  trackedByUs: z.object({ provider: z.string(), opens: z.boolean(), clicks: z.boolean() }).optional(),
})
const outgoingText = z.object({ ...known, ...text })

/** A message as it is asked for, before it has an id. */
export const sendableMessage = z.discriminatedUnion('channel', [
  z.object({ ...asked, ...email }),
  z.object({ ...asked, ...text }),
])

/** A message as a provider gets it: complete, validated, the same bytes on every attempt. */
export const outgoingMessage = z.discriminatedUnion('channel', [outgoingEmail, outgoingText])

export type OutgoingEmail = z.infer<typeof outgoingEmail>
export type OutgoingText = z.infer<typeof outgoingText>
export type OutgoingMessage = z.infer<typeof outgoingMessage>
export type SendableMessage = z.infer<typeof sendableMessage>
export type SendableEmail = Extract<SendableMessage, { channel: 'email' }>
