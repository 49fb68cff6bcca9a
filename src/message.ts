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

export interface Attachment {
  filename: string
  /** base64, as the caller gave it: byte-stable over retries. */
  content: string
  contentType?: string | undefined
}

interface OutgoingBase {
  /** Our id, a uuid: it travels with the message so that receipts can name it. */
  id: string
  tenantId: string
  /** E.164 or one email address. */
  to: string
  /** When the message was first accepted by us; the same on every attempt. */
  createdAt: Date
}

export interface OutgoingEmail extends OutgoingBase {
  channel: 'email'
  from?: string | undefined
  replyTo?: string | undefined
  cc?: string[] | undefined
  bcc?: string[] | undefined
  subject: string
  html?: string | undefined
  text?: string | undefined
  attachments?: Attachment[] | undefined
  /** Off unless the send carries consent (docs/decisions). */
  tracking: { opens: boolean; clicks: boolean }
}

export interface OutgoingText extends OutgoingBase {
  channel: (typeof textChannels)[number]
  body: string
  /** The same text as Twilio's Content API knows it, its values by their numbers; `body` is what comes out of it. */
  template?: { contentSid: string; variables: Record<string, string> } | undefined
  /** Quick replies. A provider that has none shows their titles in the text. */
  buttons?: { id: string; title: string }[] | undefined
}

/** A message as a provider gets it: complete, validated, the same bytes on every attempt. */
export type OutgoingMessage = OutgoingEmail | OutgoingText
