import { postmule } from '#providers/postmule/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Reply } from '#support/local-api.ts'
import { failuresOverHttp, overHttp, sendOf } from '#support/over-http.ts'
import type { SendingCases } from '#support/sending-cases.ts'

const apiKey = 'pm_8f2c1b7e4d9a6035c2e1'

function no(status: number, words: string): Reply {
  return { status, body: { error: words } }
}

export function environment(at: string): Environment {
  return { POSTMULE_API_KEY: apiKey, POSTMULE_API_URL: at, EMAIL_FROM: 'max@comms.example' }
}

export const cases: SendingCases<Reply> = {
  channel: 'email',
  protocol: overHttp,
  open: (at) => sendOf(postmule, environment(at)),
  keys: [apiKey],
  accepted: { status: 200, body: { id: 'pm_1' } },
  decorated: [{ status: 201, body: { id: 'pm_1', queued: 'yes', size: { bytes: '7' } } }],
  withoutAnId: ['', '<html>', {}, { id: '' }, { id: 7 }].map((body) => ({ status: 200, body })),
  failures: [
    ...failuresOverHttp(no),
    { what: 'HTTP 422', answer: no(422, 'no'), certainty: 'permanent', providerCode: '422' },
    { what: 'a key that may not send', answer: no(403, 'no'), certainty: 'retryable' },
  ],
  quoting: (words) => ({
    refused: [no(422, words)],
    later: [no(429, words), no(503, words)],
    accepted: [{ status: 200, body: { id: 'pm_1', subject: words } }],
  }),
}
