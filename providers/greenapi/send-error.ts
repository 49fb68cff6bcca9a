import { z } from 'zod'
import { fromElsewhere, type ProviderResponse, refusesUs, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, type PublicReason, publicReason } from '#src/model/public-reason.ts'

interface Meaning {
  certainty: Certainty
  reason: PublicReason
  code?: string
  retryAfterMs?: number | undefined
  stopsProvider?: boolean
  ofSender?: boolean
  untilOpen?: boolean
  tooMany?: boolean
}

/** Nothing about the message: until somebody has mended it, whatever is sent is refused. */
const refused = { certainty: 'retryable', ...refusesUs('account') } as const

/** A rebooting instance is back within five minutes. */
const startingRetryMs = 60_000
/** https://green-api.com/en/docs/api/common-errors/ */
const meanings = new Map<number, Meaning>([
  [401, { ...refused, reason: ours`wrong token (check GREEN_API_TOKEN)` }],
  [403, { ...refused, reason: ours`wrong instance or host (check GREEN_API_INSTANCE_ID and GREEN_API_URL)` }],
  [404, { ...refused, reason: ours`not found (check GREEN_API_URL and GREEN_API_INSTANCE_ID)` }],
  [466, { certainty: 'retryable', reason: ours`the plan's quota is used up`, ...refusesUs('quota') }],
])

/** An answer other than 2xx as an error, without what is hidden. */
export function sendError(answer: ProviderResponse, hidden: Hidden, now: Date): ProviderError {
  const { certainty, reason, code = String(answer.status), ...more } = meaningOf(answer, hidden, now)
  return new ProviderError('greenapi', certainty, ours`greenapi: ${reason}`, { ...more, providerCode: code })
}

function meaningOf(answer: ProviderResponse, hidden: Hidden, now: Date): Meaning {
  const { status, headers } = answer
  if (status === 429) {
    const delay = retryAfterMs(headers.get('retry-after'), now)
    return {
      certainty: 'retryable',
      reason: ours`too many requests a second`,
      retryAfterMs: delay,
      tooMany: true,
    }
  }
  if (status === 499)
    return { certainty: 'unknown', reason: ours`the connection was closed before the answer` }
  // Any other answer than a 4xx may hide an accepted message, and a page is not Green-API's own.
  const elsewhere = fromElsewhere(answer)
  const known = meanings.get(status)
  const reason = known?.reason ?? ours`answered HTTP ${status}`
  if (elsewhere) return { certainty: elsewhere, reason }
  if (status === 400) return badRequest(saidIn(answer), hidden)
  return known ?? { certainty: 'permanent', reason }
}

const explanation = z.object({ message: z.string().nullish(), reason: z.string().nullish() })

/** JSON or plain text. */
function saidIn({ json, text }: ProviderResponse): string {
  const { data } = explanation.safeParse(json)
  return data?.message || data?.reason || text
}

/**
 * All of these prove that the message was not taken. "starting or not authorized" is answered as well: only a person
 * with a phone can help there, so it is asked again rarely. What it says of the instance it says first: words further on
 * may be quoted from the message.
 */
function badRequest(said: string, hidden: Hidden): Meaning {
  const ofInstance = /^\W*(?:\w+\W+)?instance\b[\w ]{0,60}/i.exec(said)?.[0] ?? ''
  if (/not authorized/i.test(ofInstance))
    return {
      certainty: 'retryable',
      code: 'not_authorized',
      reason: ours`the instance is not authorized (scan its QR code again)`,
      ...refusesUs('account'),
      untilOpen: true,
    }
  if (/starting/i.test(ofInstance))
    return { certainty: 'retryable', reason: ours`the instance is starting`, retryAfterMs: startingRetryMs }
  if (/expired|deleted/i.test(ofInstance))
    return { ...refused, reason: ours`the instance is expired or deleted (check the billing)` }
  return { certainty: 'permanent', reason: publicReason(said, hidden) || ours`bad request` }
}
