import { credentialsRetryMs, type ProviderResponse, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import { publicReason } from '#src/model/mask.ts'

interface Refusal {
  certainty: Certainty
  reason: string
  code?: string
  retryAfterMs?: number | undefined
  stopsProvider?: boolean
  untilOpen?: boolean
}

/** A rebooting instance is back within five minutes. */
const startingRetryMs = 60_000
/** Until somebody has scanned the QR code, or the plan's month is over. */
const notAuthorizedRetryMs = 15 * 60_000
const quotaRetryMs = 3_600_000

/** https://green-api.com/en/docs/api/common-errors/ */
const refusals = new Map<number, Refusal>([
  [
    401,
    {
      certainty: 'retryable',
      reason: 'wrong token (check GREEN_API_TOKEN)',
      retryAfterMs: credentialsRetryMs,
    },
  ],
  [
    403,
    {
      certainty: 'retryable',
      reason: 'wrong instance or host (check GREEN_API_INSTANCE_ID and GREEN_API_URL)',
      retryAfterMs: credentialsRetryMs,
    },
  ],
  [404, { certainty: 'permanent', reason: 'not found (check GREEN_API_URL)' }],
  [
    466,
    {
      certainty: 'retryable',
      reason: "the plan's quota is used up",
      retryAfterMs: quotaRetryMs,
      stopsProvider: true,
    },
  ],
  [499, { certainty: 'unknown', reason: 'the connection was closed before the answer' }],
])

/** An answer other than 2xx as an error. `hidden` are texts that must not appear where Green-API quotes them. */
export function sendError(answer: ProviderResponse, hidden: readonly string[], now: Date): ProviderError {
  const { certainty, reason, code = String(answer.status), ...more } = refusalOf(answer, hidden, now)
  return new ProviderError('greenapi', certainty, `greenapi: ${reason}`, { ...more, providerCode: code })
}

function refusalOf(
  { status, headers, text }: ProviderResponse,
  hidden: readonly string[],
  now: Date,
): Refusal {
  if (status === 429) {
    const delay = retryAfterMs(headers.get('retry-after'), now)
    return { certainty: 'retryable', reason: 'too many requests a second', retryAfterMs: delay }
  }
  if (status === 400) return badRequest(text, hidden)
  if (status === 500 && /too large|exceeded/i.test(text))
    return { certainty: 'permanent', reason: 'the message is too large' }
  const known = refusals.get(status)
  if (known) return known
  // Any other answer than a 4xx may hide an accepted message.
  const certainty = status >= 400 && status < 500 ? 'permanent' : 'unknown'
  return { certainty, reason: `answered HTTP ${status}` }
}

/**
 * All of these prove that the message was not taken. "starting or not authorized" is answered as well: only a person
 * with a phone can help there, so it is asked again rarely.
 */
function badRequest(text: string, hidden: readonly string[]): Refusal {
  if (/not authorized/i.test(text))
    return {
      certainty: 'retryable',
      code: 'not_authorized',
      reason: 'the instance is not authorized (scan its QR code again)',
      retryAfterMs: notAuthorizedRetryMs,
      stopsProvider: true,
      untilOpen: true,
    }
  if (/starting/i.test(text))
    return { certainty: 'retryable', reason: 'the instance is starting', retryAfterMs: startingRetryMs }
  if (/expired|deleted/i.test(text))
    return { certainty: 'permanent', reason: 'the instance is expired or deleted (check the billing)' }
  return { certainty: 'permanent', reason: publicReason(text, hidden) || 'bad request' }
}
