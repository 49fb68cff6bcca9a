import { greenapi } from '#providers/greenapi/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Reply } from '#support/local-api.ts'
import { failuresOverHttp, overHttp, sendOf } from '#support/over-http.ts'
import type { SendingCases } from '#support/sending-cases.ts'

const token = 'd75b3a66374942c5b3c019c698abc2067e151558acbd412345'
const idMessage = '3EB0C767D097B7C7C030'

/** https://green-api.com/en/docs/api/common-errors/ */
function no(status: number, message: unknown): Reply {
  return { status, body: { message } }
}

export function environment(at: string): Environment {
  return {
    GREEN_API_INSTANCE_ID: '1101000001',
    GREEN_API_TOKEN: token,
    GREEN_API_URL: at,
    GREEN_API_DELAY_MS: '0',
  }
}

export const cases: SendingCases<Reply> = {
  channel: 'whatsapp',
  protocol: overHttp,
  open: (at) => sendOf(greenapi, environment(at)),
  keys: [token],
  accepted: { status: 200, body: { idMessage } },
  decorated: [
    { status: 200, body: { idMessage, urlFile: null, quota: { used: '3' }, message: 7 } },
    { status: 201, body: { idMessage, chatId: 33612345678 } },
  ],
  withoutAnId: ['', '<html>', {}, { idMessage: 7 }, { idMessage: '' }, 'null', []].map((body) => ({
    status: 200,
    body,
  })),
  failures: [
    ...failuresOverHttp(no),
    { what: '500 and why', answer: no(500, 'request entity too large'), certainty: 'unknown' },
    {
      what: 'an instance that starts',
      answer: no(400, 'instance in starting process'),
      certainty: 'retryable',
    },
    {
      what: 'an instance that is logged out',
      answer: no(400, 'instance account not authorized'),
      certainty: 'retryable',
      providerCode: 'not_authorized',
    },
    { what: 'an instance that is gone', answer: no(400, 'Instance is deleted'), certainty: 'retryable' },
    { what: 'another instance', answer: { status: 403 }, certainty: 'retryable' },
    { what: 'a used up quota', answer: { status: 466, body: {} }, certainty: 'retryable' },
    { what: 'a 400 of another shape', answer: no(400, { text: 'no' }), certainty: 'permanent' },
  ],
  quoting: (words) => ({
    refused: [
      no(400, `Validation failed. Details: ${words}`),
      { status: 400, body: { reason: words } },
      { status: 400, body: words },
    ],
    later: [no(429, words), no(502, words)],
    accepted: [{ status: 200, body: { idMessage, message: words } }],
  }),
}
