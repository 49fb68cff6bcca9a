import { z } from 'zod'
import { credentialsRetryMs, type ProviderResponse, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, publicReason } from '#src/model/public-reason.ts'

const soonMs = 5_000
/** A quota comes back after hours or days; asking once an hour does no harm. */
const quotaMs = 3_600_000

const explanation = z.object({
  /** Only a name of Resend's own is told: anything else may be anybody's words. */
  name: z
    .string()
    .regex(/^[a-z_]{1,60}$/)
    .nullish()
    .catch(undefined),
  message: z.string().nullish().catch(undefined),
})

/** Resend's "no" as an error that says what it proves, without what is hidden. */
export function sendError(response: ProviderResponse, hidden: Hidden, now: Date): ProviderError {
  const { status } = response
  const said = explanation.safeParse(response.json).data
  const certainty = certaintyOf(status, said?.name)
  const reason = publicReason(said?.message ?? '', hidden) || ours`HTTP ${status}`
  return new ProviderError('resend', certainty, ours`resend: ${reason}`, {
    providerCode: said?.name ?? String(status),
    retryAfterMs: certainty === 'retryable' ? waitMs(response, said?.name, now) : undefined,
    // A quota is used up for hours.
    tooMany: status === 429 && !isQuota(said?.name),
  })
}

/** Our key is at fault, not the message: https://resend.com/docs/api-reference/errors */
const aboutOurKey = new Set(['missing_api_key', 'restricted_api_key', 'invalid_api_key'])

/**
 * The name first: 409 is both "still running" and "the same key with another body", which means that an earlier attempt
 * reached Resend. A redirect is not followed, and proves nothing.
 */
function certaintyOf(status: number, name: string | null | undefined): Certainty {
  if (status < 400 || status >= 500 || status === 408 || name === 'invalid_idempotent_request')
    return 'unknown'
  const retryable =
    status === 429 ||
    status === 401 ||
    name === 'concurrent_idempotent_requests' ||
    aboutOurKey.has(name ?? '')
  return retryable ? 'retryable' : 'permanent'
}

function isQuota(name: string | null | undefined): boolean {
  return name?.endsWith('_quota_exceeded') ?? false
}

function waitMs(response: ProviderResponse, name: string | null | undefined, now: Date): number | undefined {
  if (isQuota(name)) return quotaMs
  if (response.status === 401 || aboutOurKey.has(name ?? '')) return credentialsRetryMs
  const header = response.headers.get('retry-after') ?? response.headers.get('ratelimit-reset')
  return retryAfterMs(header, now) ?? (name === 'concurrent_idempotent_requests' ? soonMs : undefined)
}
