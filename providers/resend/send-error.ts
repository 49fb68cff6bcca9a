import { z } from 'zod'
import { fromElsewhere, type ProviderResponse, refusesUs, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { ours, publicReason } from '#src/model/public-reason.ts'

const soonMs = 5_000

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
  const certainty = certaintyOf(response, said?.name)
  const about = fromElsewhere(response) ? undefined : aboutOf(response, said?.name)
  const reason = ours`resend: ${publicReason(said?.message ?? '', hidden) || ours`HTTP ${status}`}`
  return new ProviderError('resend', certainty, about ? ours`${reason} (${remedies[about]})` : reason, {
    providerCode: said?.name ?? String(status),
    retryAfterMs: certainty === 'retryable' ? waitMs(response, said?.name, now) : undefined,
    tooMany: status === 429,
    ...(about && refusesUs(about)),
    // A quota is used up for hours: to be fewer at once does not help.
    ...(about === 'quota' && { tooMany: false }),
  })
}

const remedies = {
  account: 'check RESEND_API_KEY',
  sender: 'verify the domain of EMAIL_FROM at Resend',
  quota: 'the plan’s quota is used up',
} as const

/** Our key is at fault, not the message: https://resend.com/docs/api-reference/errors */
const aboutOurKey = new Set(['missing_api_key', 'restricted_api_key', 'invalid_api_key'])

/**
 * The name first: 409 is both "still running" and "the same key with another body", which means that an earlier attempt
 * reached Resend. A redirect is not followed, and proves nothing; a page is not Resend's own.
 */
function certaintyOf(response: ProviderResponse, name: string | null | undefined): Certainty {
  const { status } = response
  if (status >= 400 && status < 500 && name === 'concurrent_idempotent_requests') return 'retryable'
  const elsewhere = fromElsewhere(response)
  if (elsewhere) return elsewhere
  return status === 429 || aboutOf(response, name) ? 'retryable' : 'permanent'
}

/** What of ours it says no to: 403 says that the sender's domain is not verified. Undefined: it is about the message. */
function aboutOf(
  { status }: ProviderResponse,
  name: string | null | undefined,
): 'account' | 'sender' | 'quota' | undefined {
  if (name?.endsWith('_quota_exceeded')) return 'quota'
  if (status === 401 || aboutOurKey.has(name ?? '')) return 'account'
  if (name === 'invalid_from_address') return 'sender'
  return status === 403 ? (name === 'validation_error' ? 'sender' : 'account') : undefined
}

function waitMs(response: ProviderResponse, name: string | null | undefined, now: Date): number | undefined {
  const header = response.headers.get('retry-after') ?? response.headers.get('ratelimit-reset')
  return retryAfterMs(header, now) ?? (name === 'concurrent_idempotent_requests' ? soonMs : undefined)
}
