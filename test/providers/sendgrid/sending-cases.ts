import { sendgrid } from '#providers/sendgrid/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Reply } from '#support/local-api.ts'
import { failuresOverHttp, overHttp, sendOf } from '#support/over-http.ts'
import type { SendingCases } from '#support/sending-cases.ts'

const apiKey = 'SG.fD3kPq81Rw7Zt5Xy.vB6nM0aLcJ2hG9sE4uK8iO1pQ'

/** https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses */
function no(status: number, message: unknown, field: unknown = null): Reply {
  return { status, body: { errors: [{ message, field, help: null }] } }
}

const accepted = { status: 202, headers: { 'x-message-id': 'qNwBLgPQQjW6DJvKQwSAbw' } }

export function environment(at: string): Environment {
  return { SENDGRID_API_KEY: apiKey, SENDGRID_API_URL: at, EMAIL_FROM: 'Max <max@comms.example>' }
}

export const cases: SendingCases<Reply> = {
  channel: 'email',
  protocol: overHttp,
  open: (at) => sendOf(sendgrid, environment(at)),
  keys: [apiKey],
  accepted,
  decorated: [
    { ...accepted, body: { message: 'success' } },
    { ...accepted, status: 200, body: '<html>' },
    { ...accepted, headers: { ...accepted.headers, 'x-ratelimit-reset': 'soon' } },
  ],
  withoutAnId: [{ status: 202 }, { status: 200, body: {} }, { status: 202, headers: { 'x-message-id': '' } }],
  // Ours travels as a custom argument, by which every event is matched.
  needsNoId: true,
  failures: [
    ...failuresOverHttp(no),
    { what: 'HTTP 400', answer: no(400, 'Bad Request'), certainty: 'permanent', providerCode: '400' },
    { what: 'an error of another shape', answer: no(400, { text: 'no' }, 7), certainty: 'permanent' },
    {
      what: 'a sender that is not verified',
      answer: no(403, 'The from address', 'from'),
      certainty: 'retryable',
    },
    { what: 'a key without the right', answer: no(403, 'access forbidden'), certainty: 'retryable' },
    { what: 'a page of nginx', answer: { status: 413, body: '<html>' }, certainty: 'permanent' },
  ],
  quoting: (words) => ({
    refused: [no(400, words), no(400, words, words)],
    later: [no(429, words), no(503, words)],
    accepted: [{ ...accepted, body: { message: words } }],
  }),
}
