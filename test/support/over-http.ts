import { onTestFinished } from 'vitest'
import type { Environment, ProviderEntry } from '#src/contract/provider.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { localApi, nobodyListens, type Reply, resetsAtOnce } from './local-api.ts'
import type { Failure, Protocol } from './sending-cases.ts'

/** An API over HTTP that takes each message as one POST. */
export const overHttp = overHttpBeside({ status: 404 })

/** The same where everything else that is asked meanwhile is answered so. */
export function overHttpBeside(rest: Reply): Protocol<Reply> {
  return {
    async listen(answer, whenOver) {
      const api = await localApi(({ method }) => (method === 'POST' ? answer() : rest), whenOver)
      return { at: api.url, handed: () => api.requests.filter(({ method }) => method === 'POST').length }
    },
    nobodyListens,
    resetsAtOnce,
    reset: 'reset',
    cut: (answer) => (typeof answer === 'string' ? answer : { ...answer, cut: true }),
    redirects: (to) => [301, 302, 303, 307, 308].map((status) => ({ status, headers: { location: to } })),
    proves: { redirect: 'unknown', resetAtOnce: 'unknown' },
  }
}

/** What proves the same whoever answers it; `no` is how this API says no. */
export function failuresOverHttp(no: (status: number, words: string) => Reply): Failure<Reply>[] {
  const page: Reply = { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad Gateway</h1>' }
  return [
    ...[500, 502, 503, 504].map((status) => ({ ...said(status), certainty: 'unknown' as const })),
    { what: 'the page of a proxy', answer: page, certainty: 'unknown' },
    { ...said(408), certainty: 'unknown' },
    { what: 'a proxy’s 408', answer: { ...page, status: 408 }, certainty: 'unknown' },
    { ...said(425), certainty: 'unknown' },
    // Somebody before the API has answered: its no is not the API's.
    ...(
      [
        [400, 'unknown'],
        [403, 'retryable'],
        [404, 'retryable'],
        [409, 'unknown'],
        [425, 'unknown'],
      ] as const
    ).map(([status, certainty]) => ({ what: `a proxy’s ${status}`, answer: { ...page, status }, certainty })),
    { ...said(429), certainty: 'retryable' },
    { ...said(401), certainty: 'retryable' },
  ]

  function said(status: number) {
    return { what: `HTTP ${status}`, answer: no(status, 'it cannot be done now') }
  }
}

/** How an entry of providers/index.ts sends, with these variables. */
export async function sendOf(
  entry: ProviderEntry,
  environment: Environment,
): Promise<(message: OutgoingMessage) => Promise<unknown>> {
  const now = () => new Date('2026-11-22T10:00:00Z')
  const provider = await entry.create(environment, {
    baseUrl: undefined,
    country: 'FR',
    now,
    clock: () => performance.now(),
  })
  const send = provider?.send
  onTestFinished(() => provider?.close?.())
  if (!send) throw new Error(`${entry.name} is off`)
  return send
}
