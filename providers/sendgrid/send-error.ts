import { z } from 'zod'
import { credentialsRetryMs, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, type PublicReason, publicReason } from '#src/model/public-reason.ts'

const explanation = z.object({
  errors: z.array(z.object({ message: z.string().nullish(), field: z.string().nullish() })).nullish(),
})

export interface SendgridAnswer {
  statusCode: number
  body: unknown
  headers: { 'x-ratelimit-reset'?: string | null | undefined }
}

/** SendGrid's "no" as an error that says what it proves, without what is hidden. */
export function sendError(answer: SendgridAnswer, hidden: Hidden, now: Date): ProviderError {
  const status = answer.statusCode
  return new ProviderError('sendgrid', certainty(status), ours`sendgrid: ${reason(answer, hidden)}`, {
    providerCode: String(status),
    retryAfterMs: waitMs(answer, now),
    tooMany: answer.statusCode === 429,
  })
}

/**
 * There is no idempotency key: whatever may have been accepted is `unknown`. A 5xx may have been. A redirect, which is not
 * followed, proves nothing. 401 is about our key, which a person can mend; 403 is about this message (a sender identity that
 * is not verified).
 */
function certainty(status: number): Certainty {
  if (status === 429 || status === 401) return 'retryable'
  return status < 400 || status >= 500 || status === 408 ? 'unknown' : 'permanent'
}

function waitMs({ statusCode, headers }: SendgridAnswer, now: Date): number | undefined {
  if (statusCode === 401) return credentialsRetryMs
  // In seconds since 1970.
  return statusCode === 429 ? retryAfterMs(headers['x-ratelimit-reset'], now) : undefined
}

/** A 413 comes from a proxy as HTML: then the status is all there is. */
function reason({ statusCode, body }: SendgridAnswer, hidden: Hidden): PublicReason {
  const [first] = explanation.safeParse(body).data?.errors ?? []
  if (!first?.message) return ours`HTTP ${statusCode}`
  const text = first.field ? `${first.message} (${first.field})` : first.message
  return publicReason(text, hidden) || ours`HTTP ${statusCode}`
}
