import { z } from 'zod'
import { domains } from '../credentials.ts'

const many = z.union([z.string().transform((one) => [one]), z.array(z.string())])

/** The body of POST /emails; unknown fields are let through, as Resend does. */
const email = z.object({
  from: z.string(),
  to: many,
  subject: z.string(),
  cc: many.nullish(),
  bcc: many.nullish(),
  reply_to: many.nullish(),
  html: z.string().nullish(),
  text: z.string().nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  tags: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  attachments: z.array(z.object({ filename: z.string().nullish(), content: z.unknown() })).nullish(),
})
export type Email = z.infer<typeof email>

/** Why Resend refuses, in its own words (resend.com/docs/api-reference/errors). */
export interface ResendError {
  statusCode: number
  name: string
  message: string
}

const format =
  'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.'
const bare = /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/
const mostRecipients = 50

/** The address in `Name <address>`; undefined where there is none. */
export function addressIn(party: string): string | undefined {
  const address = /^[^<>\r\n]*<([^<>]+)>$/.exec(party.trim())?.[1] ?? party.trim()
  return bare.test(address) ? address : undefined
}

export function readEmail(body: unknown): Email | ResendError {
  const fields = z.record(z.string(), z.unknown()).safeParse(body)
  if (!fields.success) return invalid('The request body must be a JSON object.')
  for (const name of ['from', 'to', 'subject'])
    if (fields.data[name] === undefined || fields.data[name] === null || fields.data[name] === '')
      return { statusCode: 422, name: 'missing_required_field', message: `Missing \`${name}\` field.` }
  const read = email.safeParse(body)
  if (!read.success) return invalid(`Invalid \`${read.error.issues[0]?.path.join('.')}\` field.`)
  return parties(read.data) ?? content(read.data) ?? sender(read.data) ?? read.data
}

function parties({ from, to, cc, bcc, reply_to }: Email): ResendError | undefined {
  if (!addressIn(from)) return invalid(`Invalid \`from\` field. ${format}`)
  if (to.length === 0)
    return { statusCode: 422, name: 'missing_required_field', message: 'Missing `to` field.' }
  for (const [name, list] of Object.entries({ to, cc, bcc, reply_to })) {
    if (list && list.length > mostRecipients)
      return invalid(`The \`${name}\` field must not have more than ${mostRecipients} items.`)
    if (list?.some((party) => !addressIn(party))) return invalid(`Invalid \`${name}\` field. ${format}`)
  }
  return undefined
}

function content({ html, text, tags, attachments }: Email): ResendError | undefined {
  if (!html && !text)
    return { statusCode: 422, name: 'missing_required_field', message: 'Missing `html` or `text` field.' }
  const odd = tags?.flatMap(({ name, value }) => [name, value]).find((word) => !/^[\w-]{1,256}$/.test(word))
  if (odd !== undefined)
    return invalid(
      'Tags should only contain ASCII letters, numbers, underscores, or dashes, and at most 256 of them.',
    )
  if (attachments?.some(({ filename, content: bytes }) => !filename || typeof bytes !== 'string'))
    return {
      statusCode: 422,
      name: 'invalid_attachment',
      message: 'Attachment must have a `content` and a `filename`.',
    }
  return undefined
}

function sender({ from }: Email): ResendError | undefined {
  if (domainOf(from)) return undefined
  const domain = addressIn(from)?.split('@').at(-1)
  const message = `The ${domain} domain is not verified. Please, add and verify your domain on https://resend.com/domains`
  return { statusCode: 403, name: 'validation_error', message }
}

/** Our verified domain that an address belongs to. */
export function domainOf(from: string) {
  const domain = addressIn(from)?.split('@').at(-1)?.toLowerCase()
  return domains.find(({ name }) => name === domain)
}

function invalid(message: string): ResendError {
  return { statusCode: 422, name: 'validation_error', message }
}
