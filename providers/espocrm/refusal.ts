import { credentialsRetryMs, fromElsewhere, type ProviderResponse, retryAfterMs } from '#src/contract/http.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { codeWord, ours, type PublicReason, publicReason } from '#src/model/public-reason.ts'
import { decoded } from '#src/model/readable.ts'

/** What a person can do about it, by EspoCRM's own words (its `X-Status-Reason`). */
const remedies = [
  [/not allowed 'from'/i, 'grant the API user’s role the scope Import'],
  [
    /assignment failure/i,
    'set the role’s Assignment permission, or another ESPOCRM_ASSIGNED_USER_ID or ESPOCRM_TEAM_ID',
  ],
  [
    /non-existing record.*link: (?:assignedUser|teams)\b/i,
    'correct ESPOCRM_ASSIGNED_USER_ID or ESPOCRM_TEAM_ID: there is no such user or team',
  ],
  [/assignedUser.*required/i, 'set ESPOCRM_ASSIGNED_USER_ID'],
  [/failed login attempts/i, 'check ESPOCRM_API_KEY; it lets this address in again after a minute'],
  [/stream/i, 'grant the role Stream on it'],
] as const
/** Its ban after wrong keys, or a proxy: neither says why. */
const elsewhereRemedy = 'check ESPOCRM_API_KEY, and what stands before EspoCRM: it does not say why'
const roleRemedy = 'check the role of the API user: docs/espocrm.md'

/** EspoCRM's "no" as an error that says what it proves, without what is hidden. */
export function refusal(
  response: ProviderResponse,
  request: string,
  hidden: Hidden,
  now: Date,
): ProviderError {
  const { status } = response
  const words = publicReason(saidIn(response), hidden) || ours`answered HTTP ${status}`
  const reason = ours`espocrm: ${entityOf(request)}: ${words}`
  const remedy = remedyOf(response)
  return new ProviderError('espocrm', certaintyOf(response), remedy ? ours`${reason} (${remedy})` : reason, {
    providerCode: String(status),
    // The role lacks a right on this kind of record, or something before EspoCRM dislikes these words: the others are not to wait.
    onlyThis: status === 403 && (isVerdict(response) || !request.startsWith('GET')),
    retryAfterMs: waitMs(response, now),
  })
}

function waitMs(response: ProviderResponse, now: Date): number | undefined {
  if (isSilentBan(response)) return silentBanMs
  return isLoginRefused(response)
    ? credentialsRetryMs
    : retryAfterMs(response.headers.get('retry-after'), now)
}

/**
 * A 403 is EspoCRM's own verdict only where it says why. Since 8.4 its ban after too many wrong keys says nothing, and nor does
 * a proxy or a challenge before it: then it cannot be asked now.
 */
function isVerdict(response: ProviderResponse): boolean {
  return response.status === 403 && response.headers.has('x-status-reason') && !isBan(response)
}

/** As long as the ban of an address lasts: `authFailedAttemptsPeriod`, and a little more. */
export const silentBanMs = 65_000

/** It says nothing at all, as its ban does since 8.4 (`throw new Forbidden()` in Core/Authentication/Authentication.php). */
export function isSilentBan(response: ProviderResponse): boolean {
  return response.status === 403 && !response.headers.has('x-status-reason') && response.text.trim() === ''
}

/** It refused the key itself, or this address because of too many such keys. */
export function isLoginRefused(response: ProviderResponse): boolean {
  return response.status === 401 || isBan(response)
}

export function isBan(response: ProviderResponse): boolean {
  return response.status === 403 && /failed login attempts/i.test(saidIn(response))
}

/** Its bytes are UTF-8, and a header is read as Latin-1. */
function saidIn({ headers }: ProviderResponse): string {
  const header = headers.get('x-status-reason') ?? ''
  return decoded(Buffer.from(header, 'latin1'), 'utf-8', header)
}

/** A redirect, or a 404 without EspoCRM's own header, comes from something before it: nothing was done. */
export function isFromElsewhere({ status, headers }: ProviderResponse): boolean {
  return (status >= 300 && status < 400) || (status === 404 && !headers.has('x-status-reason'))
}

/**
 * It was to be linked with a record that is not there: no role mends that. A user or a team that is not there is another
 * matter: it comes from our configuration, which a person can correct.
 */
function isAboutMissing(response: ProviderResponse): boolean {
  const words = saidIn(response)
  return /non-existing record/i.test(words) && !/link: (?:assignedUser|teams)\b/i.test(words)
}

function certaintyOf(response: ProviderResponse): Certainty {
  const { status } = response
  if (status >= 500 || status === 408 || status === 425) return 'unknown'
  if (isFromElsewhere(response)) return 'retryable'
  const elsewhere = response.headers.has('x-status-reason') ? undefined : fromElsewhere(response)
  if (elsewhere) return elsewhere
  if (isAboutMissing(response)) return 'permanent'
  return status === 401 || status === 403 || status === 429 ? 'retryable' : 'permanent'
}

function remedyOf(response: ProviderResponse) {
  if (response.status === 401) return 'check ESPOCRM_API_KEY'
  if (isFromElsewhere(response)) return 'check ESPOCRM_URL'
  if (isAboutMissing(response)) return undefined
  if (response.status === 403 && !response.headers.has('x-status-reason')) return elsewhereRemedy
  const remedy = remedies.find(([words]) => words.test(saidIn(response)))?.[1]
  return remedy ?? (response.status === 403 ? roleRemedy : undefined)
}

/** `POST Email`, `GET Lead posts`: without the record's id. */
function entityOf(request: string): PublicReason {
  const [method = '', path = ''] = request.split(' ')
  const [entity = '', , part] = path.replace(/\?.*/, '').split('/')
  const done = ours`${codeWord(method)} ${codeWord(entity)}`
  return part ? ours`${done} ${codeWord(part)}` : done
}
