import { gzipSync } from 'node:zlib'
import { type BadRequest, nested, refused, t1, webhooks } from './bad-request.ts'

/** Headers that look like a proof and are none. */
const guessed: Record<string, string> = {
  'X-Twilio-Signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  'X-Twilio-Email-Event-Webhook-Signature': 'MEUCIQDguessed',
  'X-Twilio-Email-Event-Webhook-Timestamp': String(Math.floor(Date.now() / 1_000)),
  'svix-id': 'msg_1',
  'svix-timestamp': String(Math.floor(Date.now() / 1_000)),
  'svix-signature': 'v1,AAAA v2,BBBB nonsense',
  Authorization: 'Bearer guessed',
}

export function doors(): BadRequest[] {
  const item = '[{"event":"delivered","email":"a@example.com","sg_event_id":"x"}]'
  const type = { 'Content-Type': 'application/json' }
  return webhooks.flatMap((path) => {
    const unproven = (
      name: string,
      body: string | Buffer<ArrayBuffer>,
      headers: Record<string, string> = {},
    ) =>
      refused(`${path} ${name}`, 403, 'not_proven', {
        method: 'POST',
        path,
        headers: { ...type, ...headers },
        body,
      })
    return [
      unproven('unsigned', item),
      unproven('empty', ''),
      unproven('binary', Buffer.alloc(10_000, 0xfe), { 'Content-Type': 'application/octet-stream' }),
      unproven('with a guessed signature', item, guessed),
      unproven('empty with a guessed signature', '', guessed),
      unproven('binary with a guessed signature', Buffer.alloc(10_000, 0xfe), guessed),
      unproven('with our own token', item, { Authorization: `Bearer ${t1}` }),
      unproven('as a form', 'MessageSid=SM1&MessageStatus=delivered', {
        ...guessed,
        'Content-Type': 'application/x-www-form-urlencoded',
      }),
      unproven('nested 10,000 levels deep', nested(10_000), guessed),
      unproven('with signatures of nonsense', item, {
        'X-Twilio-Signature': 'é'.repeat(500),
        'X-Twilio-Email-Event-Webhook-Signature': '%%%',
        'X-Twilio-Email-Event-Webhook-Timestamp': 'NaN',
        'svix-id': 'é',
        'svix-timestamp': '-1e999',
        'svix-signature': ','.repeat(500),
        Authorization: 'Bearer '.repeat(100),
      }),
      refused(`${path} asked by GET`, 403, 'not_proven', { method: 'GET', path: `${path}?MessageSid=SM1` }),
      refused(`${path} compressed`, 415, 'unsupported_encoding', {
        method: 'POST',
        path,
        headers: { ...type, ...guessed, 'Content-Encoding': 'gzip' },
        body: gzipSync(item),
      }),
    ]
  })
}
