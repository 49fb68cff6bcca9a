import { type Certainty, ProviderError } from '#src/model/errors.ts'
import { codeWord, ours } from '#src/model/public-reason.ts'

/**
 * Failures that happen before the first byte of a request is written: the provider surely does not have it.
 * Everything else (a reset, a timeout after connecting) may have been accepted.
 */
const neverWritten = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** How long work waits where a CRM refuses our key. */
export const credentialsRetryMs = 5 * 60_000
/** How long a provider that says no to us is left alone: nothing changes before a person has looked. */
export const refusedUsMs = 15 * 60_000
/** A quota comes back after hours or days: asking once an hour does no harm. */
export const quotaMs = 60 * 60_000

/** What follows where a provider says no to us, and not to this message. `of`: our key or account, one sender, or how much we send. */
export function refusesUs(of: 'account' | 'sender' | 'quota') {
  return {
    stopsProvider: true,
    ofSender: of === 'sender',
    retryAfterMs: of === 'quota' ? quotaMs : refusedUsMs,
  }
}

/** A load balancer that gave up waiting (408), or an answer that has no meaning here: the API may have the request. */
const provesNothing = new Set([408, 409, 425, 499])
/** Nobody took it, whoever answers so: not signed in, not allowed, no such place, too large, too many. */
const turnedAway = new Set([401, 403, 404, 405, 407, 413, 421, 429])

/**
 * What an answer proves that is not the API's own, such as a proxy's page; undefined: it is the API's own. It is no refusal:
 * the message was not read.
 */
export function fromElsewhere({ status, headers, text }: Foreign): Certainty | undefined {
  if (status < 400 || status >= 500 || provesNothing.has(status)) return 'unknown'
  if (!/^\s*</.test(text) && !/\bhtml\b/.test(headers.get('content-type') ?? '')) return undefined
  // It is too large, whoever says so.
  if (status === 413) return 'permanent'
  return turnedAway.has(status) ? 'retryable' : 'unknown'
}

type Foreign = Pick<ProviderResponse, 'status' | 'text'> & { headers: { get(name: string): string | null } }

export interface ProviderResponse {
  status: number
  headers: Headers
  text: string
  /** The text as JSON, or undefined where it was empty or no JSON. */
  json: unknown
}

/**
 * One HTTP call to a provider's API: bounded in time, no redirects, and a network failure becomes a ProviderError
 * that says whether the request can have been accepted. Resolves for every HTTP status.
 */
export async function callProvider(
  provider: string,
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string | Blob; timeoutMs?: number },
): Promise<ProviderResponse> {
  try {
    const response = await fetch(url, {
      method: init.method,
      headers: init.headers,
      ...(init.body === undefined ? {} : { body: init.body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(init.timeoutMs ?? 15_000),
    })
    const text = await shortText(response)
    return { status: response.status, headers: response.headers, text, json: jsonIn(text) }
  } catch (error) {
    throw networkError(provider, error)
  }
}

/** No answer of a provider is as long: one that is, is not its own. */
export const mostAnswerBytes = 10_000_000

async function shortText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > mostAnswerBytes) throw new AnswerTooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

class AnswerTooLong extends Error {
  readonly code = 'answer_too_long'
}

/**
 * What an SDK does, bounded as callProvider is: its own timeout begins anew with each byte that comes. Throws ProviderError
 * of unknown outcome where it takes longer. It cannot end what the SDK has begun: its request takes `endedAfter` for that.
 */
export async function answeredWithin<Answer>(
  provider: string,
  answering: Promise<Answer>,
  timeoutMs: number,
): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const tooLate = () => reject(networkError(provider, new DOMException('', 'TimeoutError')))
  const timer = setTimeout(tooLate, timeoutMs)
  return Promise.race([answering, late]).finally(() => clearTimeout(timer))
}

/** What ends an SDK's request, so that no socket stays: just after answeredWithin has said that it is late. */
export function endedAfter(timeoutMs: number): AbortSignal {
  return AbortSignal.timeout(timeoutMs + 100)
}

/** A network failure of any HTTP client as a ProviderError; keeps the error's code and nothing else of it. */
export function networkError(provider: string, error: unknown): ProviderError {
  const providerCode = networkCode(error)
  const [who, code] = [codeWord(provider), codeWord(providerCode)]
  return neverWritten.has(providerCode)
    ? new ProviderError(provider, 'retryable', ours`${who}: cannot be reached (${code})`, { providerCode })
    : new ProviderError(provider, 'unknown', ours`${who}: the connection ended without an answer (${code})`, {
        providerCode,
      })
}

/** The system's code of a network error, looked for along its causes; its name where it has none. */
function networkCode(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
    if (at instanceof AggregateError && at.errors[0] instanceof Error) return networkCode(at.errors[0])
    if (at.name === 'TimeoutError') return 'timeout'
  }
  return error instanceof Error ? error.name : 'unknown'
}

/** A failed look-up: nothing was to be sent, so that whatever went wrong leaves things as they were. */
export function notNow({ provider, message, providerCode, retryAfterMs }: ProviderError): ProviderError {
  return new ProviderError(provider, 'retryable', message, { providerCode, retryAfterMs })
}

/** An answer to a look-up in which nothing can be read, such as a proxy's page. */
export function unreadable(provider: string): ProviderError {
  return new ProviderError(
    provider,
    'retryable',
    ours`${codeWord(provider)}: its answer to a look-up cannot be read`,
  )
}

/**
 * What a header such as `Retry-After` says in milliseconds from now: seconds, an HTTP date, or an instant in seconds or
 * milliseconds since 1970, which no span is as large as. Undefined where it says nothing that can be waited for.
 */
export function retryAfterMs(header: string | null | undefined, now: Date): number | undefined {
  if (!header) return undefined
  const figure = Number(header)
  const delay = Number.isNaN(figure)
    ? Date.parse(header) - now.getTime()
    : figure < 1e8
      ? figure * 1_000
      : (figure < 1e11 ? figure * 1_000 : figure) - now.getTime()
  return delay >= 0 ? delay : undefined
}

/** Undefined where a text is not JSON, such as a proxy's page. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
