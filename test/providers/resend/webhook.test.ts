import { resendWebhook } from '#providers/resend/webhook.ts'
import { webhookConformance } from '#support/webhook-conformance.ts'
import { later, secret, signed, withHeader } from './signing.ts'

const common = {
  messageId: '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e',
  providerMessageId: '56761188-7520-42d8-8898-ff6fc54ce618',
  recipient: 'zoe@customer.example',
  channel: 'email',
  occurredAt: new Date('2026-01-01T00:00:00.126Z'),
  eventId: 'msg_test',
} as const

webhookConformance('resend', {
  webhook: () => resendWebhook(secret),
  signed: ([item]) => signed(Buffer.from(JSON.stringify(item))),
  proof: ['svix-id', 'svix-timestamp', 'svix-signature'],
  unknownKind: {
    type: 'email.teleported',
    created_at: '2026-01-01T00:00:00.126Z',
    data: { kept: [1, null] },
  },
  brokenItems: [{}, { type: 5 }, { type: '' }, { data: {} }],
  forgeries: (request) => [
    { what: 'five minutes and a second old', request: { ...request, receivedAt: later(301) } },
    { what: 'five minutes and a second in the future', request: { ...request, receivedAt: later(-301) } },
    { what: 'no signature of version 1', request: withHeader(request, 'svix-signature', 'v1a,AAAA v2,AAAA') },
    { what: 'an empty signature', request: withHeader(request, 'svix-signature', 'v1,') },
    { what: 'endless signatures', request: withHeader(request, 'svix-signature', 'v1,AAAA '.repeat(10_000)) },
    { what: 'a timestamp in words', request: withHeader(request, 'svix-timestamp', 'NaN') },
  ],
  fixtures: [
    { file: 'sent.json', expected: { ...common, type: 'sent', providerType: 'email.sent' } },
    { file: 'scheduled.json', expected: { ...common, type: 'queued' } },
    { file: 'delivered.json', expected: { ...common, type: 'delivered' } },
    { file: 'delivered-named-recipient.json', expected: { ...common, type: 'delivered' } },
    { file: 'delivery-delayed.json', expected: { ...common, type: 'deferred' } },
    { file: 'complained.json', expected: { ...common, type: 'complained' } },
    {
      file: 'bounced-permanent.json',
      expected: {
        ...common,
        type: 'bounced',
        bounceClass: 'hard',
        code: '5.1.1',
        reason: 'smtp; 550 5.1.1 user unknown',
      },
    },
    {
      file: 'bounced-transient.json',
      expected: { ...common, type: 'bounced', bounceClass: 'soft', code: 'MailboxFull' },
    },
    { file: 'bounced-suppressed.json', expected: { ...common, type: 'bounced', bounceClass: 'blocked' } },
    { file: 'opened.json', expected: { ...common, type: 'opened', machine: undefined } },
    { file: 'clicked.json', expected: { ...common, type: 'clicked', url: 'https://example.com/?a=1&b=2' } },
    { file: 'failed.json', expected: { ...common, type: 'failed', reason: 'reached_daily_quota' } },
    { file: 'suppressed.json', expected: { ...common, type: 'rejected', code: 'previous_bounce' } },
    {
      file: 'received.json',
      expected: { type: 'unknown', providerType: 'email.received', messageId: undefined },
    },
    { file: 'contact-created.json', expected: { type: 'unknown', providerMessageId: undefined } },
  ],
})
