import { z } from 'zod'
import type { Prepare } from '#src/api/escalate-params.ts'
import {
  base64,
  emailAddress,
  invalid,
  line,
  mailbox,
  mediaType,
  moment,
  parsed,
  text,
} from '#src/api/params.ts'
import { commonFields, sendRequest } from '#src/api/send-params.ts'
import type { Issue } from '#src/model/errors.ts'
import { asHtml, isHtml } from '#src/model/markup.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import type { ActionTools } from './tools.ts'

const content = text(2_000_000)
const futureToleranceMs = 5 * 60_000

const attachment = z.strictObject({
  filename: line(255).refine((name) => !/[/\\]|^\.\.?$/.test(name), 'must be a file name, not a path'),
  content: base64,
  contentType: mediaType.optional(),
  cid: z
    .string()
    .regex(/^[\w.+@-]{1,127}$/, 'must be at most 127 letters, digits and . + @ _ -')
    .optional(),
})

/** One pixel for a template and a day is asked for by a word: whoever does is told, and not tracked by person instead. */
const aggregateIsNot = {
  error: ({ input }: { input?: unknown }) =>
    input === 'aggregate'
      ? '"aggregate" is not available yet (give {opens, clicks}, or leave it out)'
      : undefined,
}

const tracking = z.strictObject(
  {
    opens: z.boolean().optional(),
    clicks: z.boolean().optional(),
    consent: z.strictObject({ at: moment, how: line(500) }).optional(),
  },
  aggregateIsNot,
)

const fields = z.strictObject({
  ...commonFields,
  to: emailAddress,
  subject: line(998),
  body: content.optional(),
  html: content.optional(),
  text: content.optional(),
  from: mailbox.optional(),
  replyTo: mailbox.optional(),
  cc: z.array(emailAddress).max(50).optional(),
  bcc: z.array(emailAddress).max(50).optional(),
  attachments: z.array(attachment).max(100).optional(),
  tracking: tracking.optional(),
  unsubscribe: z.boolean().optional(),
})

/** Each of them would end the mails to the recipient, and none to themselves. */
const copiesShareTheLink =
  'cannot be asked for with cc or bcc, who would all have the link of the recipient (send each a mail of their own)'

/** Whatever else is wrong, a mail that says nothing lacks its body. */
const schema = fields.refine(
  (email) => email.body !== undefined || email.html !== undefined || email.text !== undefined,
  {
    path: ['body'],
    error: 'is required',
    when: () => true,
  },
)

/** One email to one address, by the provider named or the first that is on. */
export function sendEmail({ now }: Pick<ActionTools, 'now'>): Prepare {
  return (params, asking) => {
    const email = parsed(schema, params)
    const { own, tenantId, request } = sendRequest('sendEmail', params, email, asking, now())
    const { body, html, text, tracking = {}, ...said } = own
    if (said.unsubscribe && (said.cc?.length || said.bcc?.length))
      throw invalid([{ path: 'unsubscribe', message: copiesShareTheLink }])
    const content = parts({ body, html, text })
    const astray = notShown(said.attachments ?? [], content.html ?? '')
    if (astray) throw invalid([astray])
    return {
      ...request,
      message: {
        channel: 'email',
        tenantId,
        ...said,
        ...content,
        tracking: tracked(tracking, now()),
      },
    }
  }
}

/** An image that its page does not show would be nowhere; of two by one name only one would. */
function notShown(attachments: readonly { cid?: string | undefined }[], html: string): Issue | undefined {
  const seen = new Set<string>()
  for (const [index, { cid }] of attachments.entries()) {
    if (cid === undefined) continue
    const path = `attachments.${index}.cid`
    if (seen.has(cid)) return { path, message: 'is that of another attachment (give each its own)' }
    if (!html.includes(`cid:${cid}`) && !html.includes(`cid:${encodeURIComponent(cid)}`))
      return {
        path,
        message: 'is not in the HTML (show it there, as <img src="cid:…">, or leave this out to attach it)',
      }
    seen.add(cid)
  }
  return undefined
}

/** What is tracked, as it is kept. Throws AppError 400 where the consent is still to come: a clock may be a little ahead of ours. */
function tracked(
  { opens = false, clicks = false, consent }: z.infer<typeof tracking>,
  at: Date,
): OutgoingEmail['tracking'] {
  if (consent === undefined) return { opens, clicks }
  if (consent.at.getTime() > at.getTime() + futureToleranceMs)
    throw invalid([{ path: 'tracking.consent.at', message: 'must not be in the future' }])
  return { opens, clicks, consent: { at: consent.at.toISOString(), how: consent.how } }
}

type Part = string | undefined

/** What is sent as HTML and as text. Throws AppError 400 where one of them would have to be dropped. */
function parts({ body, html, text }: Record<'body' | 'html' | 'text', Part>): Record<'html' | 'text', Part> {
  if (body === undefined) return { html, text }
  if (isHtml(body)) {
    if (html !== undefined && html !== body)
      throw invalid([
        { path: 'html', message: 'is given, and body is HTML too (give one of them, and text)' },
      ])
    return { html: body, text }
  }
  if (text === undefined || text === body) return { html, text: body }
  if (html !== undefined)
    throw invalid([{ path: 'text', message: 'is given, and body is text too (give one of them, and html)' }])
  // Beside a text, a body without a single tag is what is to be shown as a page.
  return { html: asHtml(body), text }
}
