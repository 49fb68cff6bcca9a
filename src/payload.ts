import { z } from 'zod'
import type { OutgoingMessage } from './message.ts'
import type { Row } from './store/kept.ts'

const base = { id: z.string(), tenantId: z.string(), to: z.string(), createdAt: z.coerce.date() }

const reserved = z.discriminatedUnion('channel', [
  z.object({
    ...base,
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
  }),
  z.object({ ...base, channel: z.enum(['whatsapp', 'sms']), body: z.string() }),
])

/** The message that a row was reserved for, the same on every attempt. */
export function reservedMessage(row: Row): OutgoingMessage {
  return reserved.parse(row.payload)
}
