import { z } from 'zod'
import {
  fromElsewhere,
  networkError,
  type ProviderResponse,
  refusesUs,
  retryAfterMs,
} from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, type PublicReason } from '#src/model/public-reason.ts'
import { errorCodes, failureReason, type Ours, suppresses } from './error-codes.ts'

const text = z.string().nullish().catch(undefined)
/** SignalWire and proxies that write the JSON anew tell the code as text. */
const code = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
])
const said = z.object({ code: code.nullish().catch(undefined), message: text })

/** What the API answered other than 2xx, or what stands before it. The SDK's own errors lack its headers. */
export class Answered extends Error {
  readonly status: number
  readonly retryAfter: string | null | undefined
  readonly said: z.infer<typeof said>
  /** What it proves where it is not Twilio's own. */
  readonly elsewhere: Certainty | undefined

  constructor(answer: {
    status: number
    json: unknown
    text: string
    contentType: string | null | undefined
    retryAfter: string | null | undefined
  }) {
    super('twilio: answered other than 2xx')
    const { status, json, text, contentType = null } = answer
    this.status = status
    this.said = said.safeParse(json).data ?? {}
    this.retryAfter = answer.retryAfter
    this.elsewhere = fromElsewhere({ status, text, headers: { get: () => contentType } })
  }
}

/** The same, asked without the SDK. */
export function answered({ status, json, text, headers }: ProviderResponse): Answered {
  const [contentType, retryAfter] = [headers.get('content-type'), headers.get('retry-after')]
  return new Answered({ status, json, text, contentType, retryAfter })
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
  const certainty = certaintyOf(answer, providerCode)
  const ours = oursOf(answer, providerCode)
  return new ProviderError('twilio', certainty, reasonOf(answer, hidden), {
    providerCode,
    suppresses: certainty === 'permanent' ? suppresses(providerCode) : undefined,
    retryAfterMs: retryAfterMs(retryAfter, now),
    tooMany: status === 429,
    ...(certainty === 'retryable' && ours && ours !== 'right' ? refusesUs(ours) : {}),
  })
}

/**
 * A 5xx may hide an accepted message (https://www.twilio.com/docs/api/errors/20500), whatever code it carries; a 429
 * never does, and is always safe to repeat (https://www.twilio.com/docs/api/errors/20429). A redirect proves nothing, nor does
 * a 408, which is what stands before the API that gave up waiting.
 */
function certaintyOf({ status, elsewhere }: Answered, providerCode: string): Certainty {
  if (elsewhere) return elsewhere
  if (status === 429 || status === 401) return 'retryable'
  return errorCodes.get(providerCode)?.certainty ?? (status === 403 ? 'retryable' : 'permanent')
}

/** What of ours is refused; undefined: it is about the message or its person, or is not Twilio's own word. */
function oursOf({ status, elsewhere }: Answered, providerCode: string): Ours | undefined {
  if (elsewhere) return undefined
  const known = errorCodes.get(providerCode)
  return known ? known.ours : status === 401 || status === 403 ? 'account' : undefined
}

function reasonOf({ status, said: { code, message } }: Answered, hidden: Hidden): PublicReason {
  return code
    ? ours`twilio: ${failureReason(String(code), message, hidden)}`
    : ours`twilio: answered HTTP ${status}`
}
