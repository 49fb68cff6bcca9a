import type { SMTPPoolSentMessageInfo } from 'nodemailer'
import { z } from 'zod'
import { type Certainty, type OfCopies, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { codeWord, ours, publicReason } from '#src/model/public-reason.ts'
import { tlsFault } from './certificate.ts'

/** Many wrong logins lock a mailbox: it is asked again rarely, until somebody has mended the password. */
const loginRetryMs = 15 * 60_000

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

/**
 * A failed send as an error that says what it proves; nodemailer's errors carry addresses. `handedOver`: the whole
 * message went to the connection, so that without a reply the server may have it.
 */
export function sendError(error: unknown, handedOver: boolean, hidden: Hidden): ProviderError {
  const failure = failed.safeParse(error).data ?? {}
  // All were refused: the first reply is about the main recipient, who is named first.
  const [main] = failure.rejectedErrors ?? []
  if (main?.responseCode) return replied({ ...main, command: 'RCPT TO' }, hidden)
  // A reply below 400 came in the wrong place and proves nothing.
  if (failure.responseCode && failure.responseCode >= 400) return replied(failure, hidden)
  const providerCode = failure.originalCode || failure.code || 'no code'
  const reason = tlsFault(providerCode) ?? ours`smtp: no reply from the server (${codeWord(providerCode)})`
  return new ProviderError('smtp', certainty(failure, handedOver), reason, { providerCode })
}

/**
 * Those whom the server refused in a send that went out to others, as nodemailer wrote them to the server, and why. The main
 * recipient, where it is among them, has what became of the others: whoever has the mail is not to get it twice.
 */
export function refusedAmong(info: SMTPPoolSentMessageInfo, hidden: Hidden): OfCopies['refused'] {
  const errors = z.array(rejection).safeParse(info.rejectedErrors).data ?? []
  return (info.rejected ?? []).map((recipient) => {
    const own = errors.find((error) => error.recipient === recipient)
    const failure = { ...own, responseCode: own?.responseCode ?? 550, command: 'RCPT TO' }
    return { recipient, error: replied(failure, hidden) }
  })
}

/** Whether the connection or the login failed, and not only this message. */
export function breaksTrust(error: unknown): boolean {
  const failure = failed.safeParse(error).data
  return failure?.code !== 'EENVELOPE' && failure?.code !== 'EMESSAGE'
}

/** A reply proves what it says: 4xx and 5xx alike mean that the server does not have the message. */
function replied(failure: Failure, hidden: Hidden): ProviderError {
  const reply = failure.responseCode ?? 0
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(failure.response ?? '')?.[1]
  const login = failure.code === 'EAUTH'
  // 503 says that the session is out of step, a refused login that we are refused: neither is about the message.
  const refused = reply >= 500 && reply !== 503 && !login
  return new ProviderError(
    'smtp',
    refused ? 'permanent' : 'retryable',
    ours`smtp: ${publicReason(failure.response ?? '', hidden) || reply}`,
    {
      providerCode: status ? `${reply} ${status}` : String(reply),
      retryAfterMs: login ? loginRetryMs : undefined,
      bounced: refused && failure.command === 'RCPT TO' && deadAddress(status),
    },
  )
}

/** 5.1.7 and 5.1.8 are about the sender's address (RFC 3463 §3.2). */
function deadAddress(status: string | undefined): boolean {
  return status !== undefined && /^5\.(1\.\d+|2\.1)$/.test(status) && status !== '5.1.7' && status !== '5.1.8'
}

function certainty({ code, command }: Failure, handedOver: boolean): Certainty {
  if (handedOver) return 'unknown'
  // EENVELOPE and EMESSAGE without a reply are nodemailer's own: an address with a line break, a message too large.
  const local = code === 'EENVELOPE' || code === 'EMESSAGE' || command === 'API'
  return wrongForGood.has(code ?? '') || (local && code !== 'ECONNECTION') ? 'permanent' : 'retryable'
}
