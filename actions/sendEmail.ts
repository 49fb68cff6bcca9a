import { z } from 'zod'
import type { Prepare } from '#src/api/escalate-params.ts'
import { base64, emailAddress, line, mailbox, parsed, text } from '#src/api/params.ts'
import { commonFields, sendRequest } from '#src/api/send-params.ts'
import type { ActionTools } from './tools.ts'

const content = text(2_000_000)

const attachment = z.strictObject({
  filename: line(255).refine((name) => !/[/\\]/.test(name), 'must be a file name, not a path'),
  content: base64,
  contentType: line(100)
    .regex(/^[\w.+-]+\/[\w.+-]+$/, 'must be a media type, such as application/pdf')
    .optional(),
})

const schema = z.strictObject({
  ...commonFields,
  to: emailAddress,
  subject: line(998),
  body: content,
  text: content.optional(),
  from: mailbox.optional(),
  replyTo: mailbox.optional(),
  cc: z.array(emailAddress).max(50).optional(),
  bcc: z.array(emailAddress).max(50).optional(),
  attachments: z.array(attachment).max(50).optional(),
  tracking: z.strictObject({ opens: z.boolean().optional(), clicks: z.boolean().optional() }).optional(),
  // One-click unsubscribe is not built yet: asking for it must not be dropped silently.
  unsubscribe: z.literal(false, 'is not available yet').optional(),
})

const html = /<(?:!doctype|html|body|p|div|br|a|table|span|h[1-6]|ul|ol|img|b|i|strong|em)\b[^<>]*>/i

/** One email to one address, by the provider named or the first that is on. */
export function sendEmail({ now }: Pick<ActionTools, 'now'>): Prepare {
  return (params, asking) => {
    const email = parsed(schema, params)
    const { own, tenantId, request } = sendRequest('sendEmail', params, email, asking, now())
    const { body, text, tracking, unsubscribe: _notBuilt, ...said } = own
    const isHtml = html.test(body)
    return {
      ...request,
      message: {
        channel: 'email',
        tenantId,
        ...said,
        html: isHtml ? body : undefined,
        text: text ?? (isHtml ? undefined : body),
        tracking: { opens: tracking?.opens ?? false, clicks: tracking?.clicks ?? false },
      },
    }
  }
}
