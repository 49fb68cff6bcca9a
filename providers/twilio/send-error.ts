import { z } from 'zod'
import { credentialsRetryMs, networkError } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, type PublicReason } from '#src/model/public-reason.ts'
import { errorCodes, failureReason, suppresses } from './error-codes.ts'

/** RestException and TwilioServiceException alike; an axios error has a text as its code. */
const apiError = z.object({
  status: z.number(),
  code: z.number().nullish(),
  message: z.string().nullish(),
})
type ApiError = z.infer<typeof apiError>

const networkFailure = z.object({ isAxiosError: z.literal(true) })

/**
 * What the SDK threw, as our error and without what it carries: its errors hold the Authorization header, the
 * recipient and the body.
 */
export function sendError(error: unknown, hidden: Hidden): ProviderError {
  if (error instanceof ProviderError) return error
  const answered = apiError.safeParse(error)
  if (answered.success) return refused(answered.data, hidden)
  if (networkFailure.safeParse(error).success) return networkError('twilio', error)
  return new ProviderError('twilio', 'unknown', 'twilio: accepted, but its answer cannot be read')
}

function refused(answer: ApiError, hidden: Hidden): ProviderError {
  const providerCode = String(answer.code || answer.status)
  return new ProviderError('twilio', certaintyOf(answer.status, providerCode), reasonOf(answer, hidden), {
    providerCode,
    suppresses: suppresses(providerCode),
    retryAfterMs: credentialsRefused(answer.status) ? credentialsRetryMs : undefined,
  })
}

/** It is we who are refused, not the message: it waits until somebody has mended that, or goes another way. */
function credentialsRefused(status: number): boolean {
  return status === 401 || status === 403
}

/**
 * A 5xx may hide an accepted message (https://www.twilio.com/docs/api/errors/20500), whatever code it carries; a 429
 * never does, and is always safe to repeat (https://www.twilio.com/docs/api/errors/20429). A redirect proves nothing, nor does
 * a 408, which is what stands before the API that gave up waiting.
 */
function certaintyOf(status: number, providerCode: string): Certainty {
  if (status < 400 || status >= 500 || status === 408) return 'unknown'
  if (status === 429 || status === 401) return 'retryable'
  if (status === 403) return errorCodes.get(providerCode)?.certainty ?? 'retryable'
  return errorCodes.get(providerCode)?.certainty ?? 'permanent'
}

function reasonOf({ status, code, message }: ApiError, hidden: Hidden): PublicReason {
  return code
    ? ours`twilio: ${failureReason(String(code), message, hidden)}`
    : ours`twilio: answered HTTP ${status}`
}
