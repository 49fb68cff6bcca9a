import { z } from 'zod'
import { isBase64 } from '#src/model/attached.ts'
import { AppError, type Issue } from '#src/model/errors.ts'
import { tooDeep } from '#src/model/json.ts'
import { jsonText } from '#src/model/large-json.ts'
import { keptAddress, namesSeveral, sendableAddress, sendableMailbox } from '#src/model/mailbox.ts'
import type { Channel } from '#src/model/message.ts'
import { personNumber } from '#src/model/number-plans.ts'
import { completeNumber, digitsWritten } from '#src/model/phone.ts'
import { whatsAppName } from '#src/model/whatsapp-name.ts'

/** More would tell nobody anything, and a body of 25 MB can hold millions. */
const mostIssues = 50

/** A value that fits the schema. Throws AppError 400 `invalid_params` with its issues, each naming its field. */
export function parsed<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  if (tooDeep(value)) throw invalid([{ path: '', message: 'is nested too deep' }])
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(result.error.issues.flatMap(issues).slice(0, mostIssues))
}

/** AppError 400 `invalid_params` with these issues; `whole` is what one without a path is about. */
export function invalid(problems: Issue[], whole = 'params'): AppError {
  const [first] = problems
  return new AppError('invalid_params', 400, `${first?.path || whole}: ${first?.message}`, {
    details: { issues: problems },
  })
}

const types = new Map([
  ['object', 'an object'],
  ['record', 'an object'],
  ['array', 'a list'],
])

/** What is wrong, for a person: zod's own words for a type or a choice speak of its insides. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return issue.message.endsWith('received undefined')
      ? 'is required'
      : `must be ${types.get(issue.expected) ?? `of type ${issue.expected}`}`
  if (issue.code === 'invalid_value' && issue.values.length > 1 && issue.message.startsWith('Invalid option'))
    return `must be one of ${issue.values.map(String).join(', ')}`
  return issue.message
}

function issues(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join('.').slice(0, 200),
      message: 'is not a known field (remove it)',
    }))
  return [{ path: issue.path.join('.').slice(0, 200), message: issueText(issue) }]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not get into a header.
const control = /[\u0000-\u001f\u007f\u2028\u2029]/
// `facture\u202efdp.exe` is shown as factureexe.pdf; no language is written with them.
const override = /[\u202d\u202e]/

/** One line of text for a header or an id: no control characters, so nothing can be injected. */
export function line(longest: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(longest, `must have at most ${longest} characters`)
    .refine((value) => !control.test(value), 'must not contain line breaks or control characters')
    .refine((value) => !override.test(value), 'must not turn its characters round (U+202D, U+202E)')
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
}

/** Text of many lines. PostgreSQL keeps neither NUL nor half a surrogate pair. */
export function text(longest: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(longest, `must have at most ${longest} characters`)
    .refine((value) => !value.includes('\u0000'), 'must not contain NUL')
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
}

/** Bytes in base64, in one line or, as mail programs and PHP's chunk_split write it, in many; long ones have been looked at. */
export const base64 = z.union([
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  z
    .string()
    .min(1, 'must not be empty')
    .transform((value) => (/[ \t\r\n]/.test(value) ? value.replace(/[ \t\r\n]+/g, '') : value))
    .refine((value) => value !== '' && isBase64(value), 'must be base64'),
])

/** A media type with its parameters (RFC 2045 §5.1), such as `text/calendar; method=REQUEST`. */
export const mediaType = line(200).regex(
  /^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w.+*-]+=(?:[\w.+:/-]+|"[^"\\\x80-\uffff]*"))*\s*;?$/,
  'must be a media type, such as application/pdf or text/calendar; method=REQUEST',
)

export const tenantId = line(100)
export const reference = line(100)
export const messageId = z.uuid('must be the uuid that a send answered as messageId')

/** Yes or no, as a query has it. */
export const flag = z
  .enum(['0', '1', 'true', 'false'])
  .transform((value) => value === '1' || value === 'true')

/** A whole number, in JSON or as a query has it. */
export function wholeNumber(from: number, to: number) {
  const written = (value: unknown) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return z.preprocess(
    written,
    z.int('must be a whole number').min(from, `must be at least ${from}`).max(to, `must be at most ${to}`),
  )
}

// As JSON.stringify escapes them: NUL and half a surrogate pair, which jsonb refuses, and a key that zod would drop.
const unkeepable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})|(?<!\\)"__proto__":/

function lengthAsJson(value: unknown): number {
  return value === undefined ? 0 : jsonText(value).length
}

/** Whatever JSON the caller wants kept with a message, and gets back as it came. */
export const metadata = z
  .unknown()
  .refine((value) => lengthAsJson(value) <= 16_384, {
    error: 'must have at most 16384 characters as JSON',
    abort: true,
  })
  .refine(
    (value) => !unkeepable.test(JSON.stringify(value) ?? ''),
    'must not contain NUL, half a surrogate pair or a key __proto__',
  )
  .pipe(z.record(z.string().max(100, 'must have at most 100 characters'), z.json()))

/** One email address, its domain as it travels. */
export const emailAddress = line(320).transform((value, context) => {
  const address = sendableAddress(value)
  if (address !== undefined) return address
  context.addIssue({ code: 'custom', message: 'must be one email address, such as anna@example.com' })
  return z.NEVER
})

/** One mailbox: `a@b.c`, `Name <a@b.c>` or `"Name, with a comma" <a@b.c>`; becomes what every provider understands. */
export const mailbox = line(400).transform((value, context) => {
  const mailbox = namesSeveral(value) ? undefined : sendableMailbox(value)
  if (mailbox !== undefined) return mailbox
  const message = 'must be one address, or Name <address> (a name with , or @ in quotes, each quote closed)'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

/** A phone number in any usual writing; becomes E.164. */
export function phoneNumber(country: string) {
  return line(64).transform((value, context) => {
    const number = completeNumber(value, country)
    if (number !== undefined) return number
    context.addIssue({ code: 'custom', message: notANumber(value) })
    return z.NEVER
  })
}

/** Somebody on WhatsApp: a phone number, or the name that WhatsApp has for one who hides it. */
export function whatsAppPerson(country: string) {
  return line(200).transform((value, context) => {
    const person = whatsAppName(value) ?? completeNumber(value, country)
    if (person !== undefined) return person
    context.addIssue({ code: 'custom', message: notANumber(value) })
    return z.NEVER
  })
}

/** An address as people on this channel are kept: one person's number, an email address in lower case, or a name of WhatsApp's. */
export function addressOn(channel: Channel, country: string) {
  if (channel === 'email') return emailAddress.transform(keptAddress)
  const person = channel === 'sms' ? phoneNumber(country) : whatsAppPerson(country)
  return person.transform(personNumber)
}

function notANumber(value: string): string {
  const digits = digitsWritten(value)
  const count = digits === undefined ? '' : ` (it has ${digits} digits: one is missing, wrong or too many)`
  return `must be a phone number, such as +33612345678${count}`
}

// PostgreSQL has no year 0, and a zone may push the last day of 9999 into a year that no ISO 8601 parser reads.
const earliest = new Date(0)
const latest = new Date('9999-12-31T23:59:59.999Z')

/** A point in time, with its zone. */
export const moment = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with a zone, such as 2026-01-31T09:00:00Z' })
  .transform((value) => new Date(value))
  .refine((value) => value >= earliest && value <= latest, 'must be a year from 1970 to 9999')
