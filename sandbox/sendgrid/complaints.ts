import type { z } from 'zod'
import { type Mail, recipients } from './mail.ts'

/** One entry of SendGrid's `errors`. */
export interface Complaint {
  message: string
  field: string | null
  help: string | null
}

const help = 'http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#'
const address = /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/
const fixedHeaders = new Set([
  'x-sg-id',
  'x-sg-eid',
  'received',
  'dkim-signature',
  'content-type',
  'content-transfer-encoding',
  'to',
  'from',
  'subject',
  'reply-to',
  'cc',
  'bcc',
])

/** What SendGrid finds wrong with a mail; empty: nothing. */
export function complaints(order: Mail): Complaint[] {
  return [...people(order), ...subject(order), ...content(order), ...extras(order)]
}

/** JSON of another shape: SendGrid names the place and what it had expected. */
export function shapeComplaints(error: z.ZodError): Complaint[] {
  return error.issues.map(({ path, message }) => {
    const field = path.join('.')
    return { message: `Bad type for ${field || 'the body'}: ${message}`, field: field || null, help: null }
  })
}

function people({ from, personalizations, reply_to }: Mail): Complaint[] {
  const found: Complaint[] = []
  if (!from)
    found.push({
      message:
        'The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.',
      field: 'from.email',
      help: `${help}message.from`,
    })
  else if (!address.test(from.email))
    found.push(invalid('from.email', 'The from email does not contain a valid address.'))
  if (reply_to && !address.test(reply_to.email))
    found.push(invalid('reply_to.email', 'The reply_to email does not contain a valid address.'))
  if (!personalizations?.length)
    found.push({
      message: 'The personalizations field is required and must have at least one personalization.',
      field: 'personalizations',
      help: `${help}-Personalizations-Errors`,
    })
  return [...found, ...everyone(personalizations ?? [])]
}

function everyone(personalizations: NonNullable<Mail['personalizations']>): Complaint[] {
  const found: Complaint[] = []
  if (personalizations.length > 1_000)
    found.push(invalid('personalizations', 'You may not have more than 1000 personalizations per request.'))
  if (personalizations.flatMap(recipients).length > 1_000)
    found.push(
      invalid('personalizations', 'There is a limit of 1000 total recipients (to + cc + bcc) per request.'),
    )
  for (const [index, { to, cc, bcc }] of personalizations.entries()) {
    if (to.length === 0)
      found.push({
        message:
          'The to array is required for all personalization objects, and must have at least one email object with a valid email address.',
        field: `personalizations.${index}.to`,
        help: `${help}message.personalizations.to`,
      })
    for (const [name, list] of Object.entries({ to, cc: cc ?? [], bcc: bcc ?? [] }))
      for (const [at, { email }] of list.entries())
        if (!address.test(email))
          found.push(
            invalid(`personalizations.${index}.${name}.${at}.email`, 'Does not contain a valid address.'),
          )
    const all = recipients({ to, cc, bcc }).map((email) => email.toLowerCase())
    if (new Set(all).size < all.length)
      found.push(
        invalid(
          `personalizations.${index}`,
          'Each email address in the personalization block should be unique between to, cc, and bcc.',
        ),
      )
  }
  return found
}

function subject(order: Mail): Complaint[] {
  if (order.subject || order.template_id || order.personalizations?.every((one) => one.subject)) return []
  return [
    {
      message:
        'The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.',
      field: 'subject',
      help: `${help}message.subject`,
    },
  ]
}

function content({ content: parts, template_id }: Mail): Complaint[] {
  if (!parts?.length) {
    const message =
      'Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.'
    return template_id ? [] : [{ message, field: 'content', help: `${help}message.content` }]
  }
  const types = parts.map(({ type }) => type)
  if (new Set(types).size < types.length)
    return [invalid('content', 'If present, text/plain and text/html may only be provided once.')]
  if (types.indexOf('text/plain') > 0)
    return [
      invalid(
        'content',
        'If present, the content type text/plain must come before text/html and every other type.',
      ),
    ]
  return parts.flatMap(({ value }, index) =>
    value === ''
      ? [
          invalid(
            `content.${index}.value`,
            'The content value must be a string at least one character in length.',
          ),
        ]
      : [],
  )
}

function extras(order: Mail): Complaint[] {
  const headers = [order, ...(order.personalizations ?? [])].flatMap((one) => Object.keys(one.headers ?? {}))
  const fixed = headers.find((name) => fixedHeaders.has(name.toLowerCase()))
  const args = [order, ...(order.personalizations ?? [])].map((one) => one.custom_args ?? {})
  const odd = args.flatMap(Object.entries).find(([, value]) => typeof value !== 'string')
  const found: Complaint[] = []
  if (order.attachments?.some(({ type }) => /[;\r\n]/.test(type ?? '')))
    found.push(invalid('attachments.type', "The attachment type cannot contain ';', or CRLF characters."))
  if (fixed) found.push(invalid(`headers.${fixed}`, `The header ${fixed} is reserved and may not be used.`))
  if (odd) found.push(invalid(`custom_args.${odd[0]}`, 'The custom_args values must be strings.'))
  if (args.some((one) => Buffer.byteLength(JSON.stringify(one)) > 10_000))
    found.push(invalid('custom_args', 'The custom_args may not exceed 10000 bytes.'))
  if ((order.categories ?? []).length > 10)
    found.push(invalid('categories', 'There is a limit of 10 categories per request.'))
  return found
}

function invalid(field: string, message: string): Complaint {
  return { message, field, help: null }
}
