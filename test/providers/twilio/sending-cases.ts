import { twilio } from '#providers/twilio/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Channel } from '#src/model/message.ts'
import type { Reply } from '#support/local-api.ts'
import { failuresOverHttp, overHttp, sendOf } from '#support/over-http.ts'
import type { SendingCases } from '#support/sending-cases.ts'

const accountSid = 'AC00000000000000000000000000000001'
const authToken = 'f3b1a07c5e2d4896b1c0d9e8f7a6b5c4'
const sid = 'SM00000000000000000000000000000001'

/** https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions */
function no(status: number, message: string, code: number | string = 29_999): Reply {
  return json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}

function json(status: number, body: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body }
}

/** https://www.twilio.com/docs/messaging/api/message-resource */
function created(more: Record<string, unknown> = {}): Reply {
  return json(201, {
    sid,
    status: 'queued',
    from: '+14155550123',
    to: '+33612345678',
    body: 'x',
    error_code: null,
    error_message: null,
    num_segments: '1',
    num_media: '0',
    messaging_service_sid: null,
    date_created: null,
    date_sent: null,
    date_updated: null,
    ...more,
  })
}

export function environment(at: string): Environment {
  return {
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_API_URL: at,
    TWILIO_WHATSAPP_FROM: '+14155238886',
    TWILIO_SMS_FROM: '+14155550123',
  }
}

export function casesOn(channel: Exclude<Channel, 'email'>): SendingCases<Reply> {
  return {
    channel,
    protocol: overHttp,
    open: (at) => sendOf(twilio, environment(at)),
    keys: [authToken],
    accepted: created(),
    decorated: [
      // As SignalWire has it (kevinburke/twilio-go, PR 36).
      created({ num_segments: 1 }),
      created({ num_media: 0, price: 0.05, price_unit: 7, date_created: 1_795_341_600 }),
      created({ from: { number: '+14155550123' }, messaging_service_sid: 7, error_message: { text: 'x' } }),
      created({ status: 7, error_code: 'none', subresource_uris: 'none', tags: [] }),
      created({ status: undefined }),
    ],
    withoutAnId: [
      { status: 201 },
      { status: 200, body: '<html>' },
      ...[
        null,
        [],
        {},
        { status: 'queued' },
        { sid: '', status: 'queued' },
        { sid: 7, status: 'queued' },
      ].map((body) => json(201, body)),
    ],
    failures: [
      ...failuresOverHttp((status, words) => no(status, words)),
      ...(
        [
          [400, 21_211, 'permanent'],
          [400, 21_610, 'permanent'],
          [400, 20_999, 'permanent'],
          [400, 21_606, 'retryable'],
          [400, 63_007, 'retryable'],
          [400, 63_051, 'retryable'],
          [404, 20_404, 'retryable'],
          [403, 21_608, 'retryable'],
          [403, 21_610, 'permanent'],
          [400, 21_611, 'retryable'],
          [429, 21_611, 'retryable'],
          [503, 21_211, 'unknown'],
        ] as const
      ).map(([status, code, certainty]) => ({
        what: `HTTP ${status} with ${code}`,
        answer: no(status, 'no', code),
        certainty,
        providerCode: String(code),
      })),
      {
        what: 'a code as text',
        answer: no(400, 'no', '21610'),
        certainty: 'permanent',
        providerCode: '21610',
      },
      {
        what: '201 and failed for our sender',
        answer: created({ status: 'failed', error_code: '63007' }),
        certainty: 'retryable',
        providerCode: '63007',
      },
      {
        what: '201 and failed',
        answer: created({ status: 'failed', error_code: 63_016 }),
        certainty: 'permanent',
      },
    ],
    quoting: (words) => ({
      refused: [no(400, words), created({ status: 'failed', error_code: 29_999, error_message: words })],
      later: [no(429, words), no(503, words)],
      accepted: [created({ body: words, error_message: words, status: words, tags: { words } })],
    }),
  }
}
