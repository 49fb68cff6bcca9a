import { resend } from '#providers/resend/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Reply } from '#support/local-api.ts'
import { failuresOverHttp, overHttp, sendOf } from '#support/over-http.ts'
import type { SendingCases } from '#support/sending-cases.ts'

const apiKey = 're_Kq81Rw7Z_t5XyvB6nM0aLcJ2hG9sE4uK8i'
const id = '56761188-7520-42d8-8898-ff6fc54ce618'

/** https://resend.com/docs/api-reference/errors */
function no(statusCode: number, message: unknown, name = 'application_error'): Reply {
  return { status: statusCode, body: { statusCode, name, message } }
}

export function environment(at: string): Environment {
  return { RESEND_API_KEY: apiKey, RESEND_API_URL: at, EMAIL_FROM: 'Max <max@comms.example>' }
}

export const cases: SendingCases<Reply> = {
  channel: 'email',
  protocol: overHttp,
  open: (at) => sendOf(resend, environment(at)),
  keys: [apiKey],
  accepted: { status: 200, body: { id } },
  decorated: [
    { status: 200, body: { id, object: 7, created_at: 1_795_341_600, to: { email: 'x' }, last_event: null } },
    { status: 201, body: { id, errors: [], message: { text: 'queued' } } },
  ],
  withoutAnId: [
    { status: 200, body: '' },
    { status: 200, body: '<html>' },
    { status: 200, body: {} },
    { status: 200, body: { id: '' } },
    { status: 200, body: { id: 7 } },
    { status: 200, body: [id] },
    { status: 204 },
  ],
  failures: [
    ...failuresOverHttp(no),
    { what: 'an error of another shape', answer: no(422, { text: 'no' }), certainty: 'permanent' },
    ...(
      [
        [400, 'validation_error', 'permanent'],
        [403, 'validation_error', 'retryable'],
        [403, 'invalid_api_key', 'retryable'],
        [409, 'invalid_idempotent_request', 'unknown'],
        [409, 'concurrent_idempotent_requests', 'retryable'],
        [422, 'missing_required_field', 'permanent'],
        [429, 'daily_quota_exceeded', 'retryable'],
      ] as const
    ).map(([status, name, certainty]) => ({
      what: `${status} ${name}`,
      answer: no(status, 'no', name),
      certainty,
      providerCode: name,
    })),
  ],
  quoting: (words) => ({
    refused: [no(422, words, 'validation_error'), no(400, words, words)],
    later: [no(429, words, 'rate_limit_exceeded'), no(503, words, words)],
    accepted: [{ status: 200, body: { id, subject: words, message: words } }],
  }),
}
