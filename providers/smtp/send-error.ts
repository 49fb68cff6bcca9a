import type { SMTPPoolSentMessageInfo } from 'nodemailer'
import { z } from 'zod'
import { refusesUs } from '#src/contract/http.ts'
import { type Certainty, type OfCopies, ProviderError, type ProviderErrorOptions } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { type About, aboutOf } from '#src/model/mail-reply.ts'
import { codeWord, ours, publicReason } from '#src/model/public-reason.ts'
import { tlsFault } from './certificate.ts'

/** nodemailer's own codes for what no later attempt can change: the message or the configuration is wrong. */
const wrongForGood = new Set([
  'ENOAUTH',
  'ECONFIG',
  'EFILEACCESS',
  'EURLACCESS',
  'EMAXRECIPIENTS',
  'EREQUIRETLS',
])

const rejection = z.object({
  recipient: z.string().nullish(),
  responseCode: z.number().nullish(),
  response: z.string().nullish(),
})

const failed = rejection.extend({
  code: z.string().nullish(),
  originalCode: z.string().nullish(),
  command: z.string().nullish(),
  rejectedErrors: z.array(rejection).nullish(),
})
type Failure = z.infer<typeof failed>

/** What of a send a reply may name: addresses, and what nobody may read. */
export interface Said {
  sender: string
  recipient: string
  hidden: Hidden
}

/**
 * A failed send as an error that says what it proves; nodemailer's errors carry addresses. `handedOver`: the whole
 * message went to the connection, so that without a reply the server may have it.
 */
export function sendError(error: unknown, handedOver: boolean, said: Said): ProviderError {
  const failure = failed.safeParse(error).data ?? {}
  // All were refused: the first reply is about the main recipient, who is named first.
  const [main] = failure.rejectedErrors ?? []
  if (main?.responseCode) return replied({ ...main, command: 'RCPT TO' }, said)
  // A reply below 400 came in the wrong place and proves nothing.
  if (failure.responseCode && failure.responseCode >= 400) return replied(failure, said)
  const providerCode = failure.originalCode || failure.code || 'no code'
  const reason = tlsFault(providerCode) ?? ours`smtp: no reply from the server (${codeWord(providerCode)})`
  return new ProviderError('smtp', certainty(failure, handedOver), reason, { providerCode })
}

/**
 * Those whom the server refused in a send that went out to others, as nodemailer wrote them to the server, and why. The main
 * recipient, where it is among them, has what became of the others: whoever has the mail is not to get it twice.
 */
export function refusedAmong(info: SMTPPoolSentMessageInfo, said: Said): OfCopies['refused'] {
  const errors = z.array(rejection).safeParse(info.rejectedErrors).data ?? []
  return (info.rejected ?? []).map((recipient) => {
    const own = errors.find((error) => error.recipient === recipient)
    const failure = { ...own, responseCode: own?.responseCode ?? 550, command: 'RCPT TO' }
    return { recipient, error: replied(failure, { ...said, recipient }) }
  })
}

/** Whether the connection or the login failed, and not only this message. */
export function breaksTrust(error: unknown): boolean {
  const failure = failed.safeParse(error).data
  return failure?.code !== 'EENVELOPE' && failure?.code !== 'EMESSAGE'
}

/** A reply proves what it says: 4xx and 5xx alike mean that the server does not have the message. */
function replied(failure: Failure, said: Said): ProviderError {
  const { responseCode: code = 0, response, command } = failure
  const text = response ?? ''
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1]
  const about = aboutOf({
    code: code ?? 0,
    status,
    command: command ?? '',
    login: failure.code === 'EAUTH',
    words: publicReason(text.replace(linePrefix, ''), said.hidden),
    namesSender: names(text, said.sender) && !names(text, said.recipient),
  })
  const reason = ours`smtp: ${publicReason(text, said.hidden) || (code ?? 0)}`
  const remedy = remedyOf(
    about,
    failure.code === 'EAUTH',
    command === 'STARTTLS' || /\bSTARTTLS\b/i.test(text),
  )
  return new ProviderError('smtp', follows[about].certainty, remedy ? ours`${reason} (${remedy})` : reason, {
    ...follows[about],
    providerCode: status ? `${code} ${status}` : String(code),
    bounced: about === 'address',
  })
}

/** Each line of a reply begins with these. */
const linePrefix = /^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3}\b\s?)?/gm

function names(text: string, address: string): boolean {
  return address !== '' && text.toLowerCase().includes(address.toLowerCase())
}

/** A mail server does not say for how long; it counts by the minute or the hour. */
const tooFastMs = 60_000

const follows: Readonly<Record<About, { certainty: Certainty } & ProviderErrorOptions>> = {
  address: { certainty: 'permanent' },
  message: { certainty: 'permanent' },
  moment: { certainty: 'retryable' },
  pace: { certainty: 'retryable', tooMany: true, retryAfterMs: tooFastMs },
  // Many wrong logins lock a mailbox: whatever is ours is asked again rarely.
  sender: { certainty: 'retryable', ...refusesUs('sender') },
  us: { certainty: 'retryable', ...refusesUs('account') },
  quota: { certainty: 'retryable', ...refusesUs('quota') },
}

function remedyOf(about: About, login: boolean, encryption: boolean) {
  if (login) return 'check SMTP_USER and SMTP_PASSWORD'
  if (about === 'us' && encryption) return 'check SMTP_PORT, or see SMTP_TLS'
  if (about === 'sender') return 'check SMTP_FROM or EMAIL_FROM, and what its domain’s DNS says'
  return about === 'us' ? 'check SMTP_HOST, SMTP_PORT, SMTP_USER and SMTP_PASSWORD' : undefined
}

function certainty({ code, command }: Failure, handedOver: boolean): Certainty {
  if (handedOver) return 'unknown'
  // EENVELOPE and EMESSAGE without a reply are nodemailer's own: an address with a line break, a message too large.
  const local = code === 'EENVELOPE' || code === 'EMESSAGE' || command === 'API'
  return wrongForGood.has(code ?? '') || (local && code !== 'ECONNECTION') ? 'permanent' : 'retryable'
}
