import { z } from 'zod'
import { credentialsRetryMs, networkError, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, type PublicReason } from '#src/model/public-reason.ts'
import { errorCodes, failureReason, suppresses } from './error-codes.ts'

const text = z.string().nullish().catch(undefined)
const said = z.object({ code: z.number().nullish().catch(undefined), message: text })

/** What the API answered other than 2xx. The SDK's own errors lack its headers. */
export class Answered extends Error {
  readonly status: number
  readonly retryAfter: string | null | undefined
  readonly said: z.infer<typeof said>

  constructor(status: number, json: unknown, retryAfter: string | null | undefined) {
    super('twilio: answered other than 2xx')
    this.status = status
    this.said = said.safeParse(json).data ?? {}
    this.retryAfter = retryAfter
  }
}

const networkFailure = z.object({ isAxiosError: z.literal(true) })

/**
 * What the SDK threw, as our error and without what it carries: its errors hold the Authorization header, the
 * recipient and the body.
 */
export function sendError(error: unknown, hidden: Hidden, now = new Date()): ProviderError {
  if (error instanceof ProviderError) return error
  if (error instanceof Answered) return refused(error, hidden, now)
  if (networkFailure.safeParse(error).success) return networkError('twilio', error)
  return new ProviderError('twilio', 'unknown', 'twilio: accepted, but its answer cannot be read')
}

function refused(answer: Answered, hidden: Hidden, now: Date): ProviderError {
  const { status, said, retryAfter } = answer
  const providerCode = String(said.code || status)
  return new ProviderError('twilio', certaintyOf(status, providerCode), reasonOf(answer, hidden), {
    providerCode,
    suppresses: suppresses(providerCode),
    retryAfterMs: credentialsRefused(status) ? credentialsRetryMs : retryAfterMs(retryAfter, now),
    tooMany: status === 429,
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

function reasonOf({ status, said: { code, message } }: Answered, hidden: Hidden): PublicReason {
  return code
    ? ours`twilio: ${failureReason(String(code), message, hidden)}`
    : ours`twilio: answered HTTP ${status}`
}
