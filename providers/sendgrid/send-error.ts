import { z } from 'zod'
import { fromElsewhere, refusesUs, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, type PublicReason, publicReason } from '#src/model/public-reason.ts'

const explanation = z.object({
  errors: z.array(z.object({ message: z.string().nullish(), field: z.string().nullish() })).nullish(),
})

export interface SendgridAnswer {
  statusCode: number
  body: unknown
  headers: { 'x-ratelimit-reset'?: string | null | undefined; 'content-type'?: string | null | undefined }
}

/** SendGrid's "no" as an error that says what it proves, without what is hidden. */
export function sendError(answer: SendgridAnswer, hidden: Hidden, now: Date): ProviderError {
  const { statusCode: status, headers } = answer
  const about = aboutOf(answer)
  const proves = fromAnother(answer) ?? (status === 429 || about ? 'retryable' : 'permanent')
  const reset = status === 429 ? retryAfterMs(headers['x-ratelimit-reset'], now) : undefined
  const text = ours`sendgrid: ${reason(answer, hidden)}`
  return new ProviderError('sendgrid', proves, about ? ours`${text} (${remedies[about]})` : text, {
    providerCode: String(status),
    // In seconds since 1970.
    retryAfterMs: reset,
    tooMany: status === 429,
    ...(about && refusesUs(about)),
  })
}

const remedies = {
  account: 'check SENDGRID_API_KEY: its rights, and the account',
  sender: 'verify the sender of EMAIL_FROM at SendGrid',
  quota: 'the account has sent all that its plan allows',
} as const

/**
 * There is no idempotency key: whatever may have been accepted is unknown. A 5xx may have been. A redirect, which is not
 * followed, proves nothing, and a page is not SendGrid's own.
 */
function fromAnother({ statusCode: status, body, headers }: SendgridAnswer): Certainty | undefined {
  const text = typeof body === 'string' ? body : ''
  return fromElsewhere({ status, text, headers: { get: () => headers['content-type'] ?? null } })
}

/**
 * What of ours it says no to: 401 is about our key or our plan; 403 about the sender where it names that field, else about what our
 * key or our account may do. Undefined: it is about the message.
 */
function aboutOf(answer: SendgridAnswer): 'account' | 'sender' | 'quota' | undefined {
  const { statusCode: status } = answer
  if (fromAnother(answer) || (status !== 401 && status !== 403)) return undefined
  const { message, field } = firstOf(answer) ?? {}
  if (status === 403) return field ? 'sender' : 'account'
  return /^maximum credits exceeded/i.test(message ?? '') ? 'quota' : 'account'
}

function firstOf({ body }: SendgridAnswer) {
  return explanation.safeParse(body).data?.errors?.[0]
}

/** A 413 comes from a proxy as HTML: then the status is all there is. */
function reason(answer: SendgridAnswer, hidden: Hidden): PublicReason {
  const { statusCode } = answer
  const first = firstOf(answer)
  if (!first?.message) return ours`HTTP ${statusCode}`
  const text = first.field ? `${first.message} (${first.field})` : first.message
  return publicReason(text, hidden) || ours`HTTP ${statusCode}`
}
