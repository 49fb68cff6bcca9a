import { z } from 'zod'
import { type OutgoingMessage, textChannels } from './message.ts'
import type { Row } from './store/kept.ts'

const sent = { tenantId: z.string(), to: z.string() }
const known = { ...sent, id: z.string(), createdAt: z.coerce.date() }

const email = {
  channel: z.literal('email'),
  from: z.string().optional(),
  replyTo: z.string().optional(),
  cc: z.array(z.string()).optional(),
  bcc: z.array(z.string()).optional(),
  subject: z.string(),
  html: z.string().optional(),
  text: z.string().optional(),
  attachments: z
    .array(z.object({ filename: z.string(), content: z.string(), contentType: z.string().optional() }))
    .optional(),
  tracking: z.object({ opens: z.boolean(), clicks: z.boolean() }),
}

const text = {
  channel: z.enum(textChannels),
  body: z.string(),
  template: z.object({ contentSid: z.string(), variables: z.record(z.string(), z.string()) }).optional(),
  buttons: z.array(z.object({ id: z.string(), title: z.string() })).optional(),
}

/** A message as it was asked for, before it has an id. */
export const sendable = z.discriminatedUnion('channel', [
  z.object({ ...sent, ...email }),
  z.object({ ...sent, ...text }),
])

const reserved = z.discriminatedUnion('channel', [
  z.object({ ...known, ...email }),
  z.object({ ...known, ...text }),
])

/** The message that a row was reserved for, the same on every attempt. */
export function reservedMessage(row: Row): OutgoingMessage {
  return reserved.parse(row.payload)
}
