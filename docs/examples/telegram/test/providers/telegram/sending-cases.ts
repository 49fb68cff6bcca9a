import { telegram } from '#providers/telegram/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Reply } from '#support/local-api.ts'
import { failuresOverHttp, overHttp, sendOf } from '#support/over-http.ts'
import { secretText } from '#support/secret-message.ts'
import type { SendingCases } from '#support/sending-cases.ts'

const token = '7301524786:AAHqz3kVb1c9YtXw5LdRmPf'
const accepted: Reply = { status: 200, body: { ok: true, result: { message_id: 7 } } }

function no(status: number, words: string): Reply {
  return { status, body: { ok: false, error_code: status, description: words } }
}

export function environment(at: string): Environment {
  return { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_URL: at }
}

export const cases: SendingCases<Reply> = {
  channel: 'telegram',
  message: { ...secretText('telegram'), to: '123456789' },
  protocol: overHttp,
  open: (at) => sendOf(telegram, environment(at)),
  keys: [token],
  accepted,
  decorated: [
    { status: 201, body: { ok: 'yes', result: { message_id: 7, chat: 'Anna', date: '1795341600' } } },
  ],
  withoutAnId: ['', '<html>', {}, { result: {} }, { result: { message_id: '7' } }].map((body) => ({
    status: 200,
    body,
  })),
  failures: [
    ...failuresOverHttp(no),
    { what: 'HTTP 400', answer: no(400, 'no'), certainty: 'permanent', providerCode: '400' },
    { what: 'a person who has blocked the bot', answer: no(403, 'no'), certainty: 'permanent' },
    { what: 'a token without the form of one', answer: no(404, 'no'), certainty: 'retryable' },
  ],
  quoting: (words) => ({
    refused: [no(400, words), no(403, words)],
    later: [no(429, words), no(503, words)],
    accepted: [{ status: 200, body: { ok: true, result: { message_id: 7, text: words } } }],
  }),
}
