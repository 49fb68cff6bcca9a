import { sendgridWebhook } from '#providers/sendgrid/webhook.ts'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { webhookConformance } from '#support/webhook-conformance.ts'
import { receivedAt, secret, signatureHeader, signed, timestampHeader, withHeader } from './signing.ts'

const messageId = '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e'
const providerMessageId = '14c5d75ce93'
const occurredAt = new Date('2026-01-01T00:00:00Z')
const common = {
  messageId,
  providerMessageId,
  recipient: 'alex@example.com',
  channel: 'email',
  occurredAt,
} as const

webhookConformance('sendgrid', {
  webhook: () => sendgridWebhook(secret),
  signed,
  proof: [signatureHeader, timestampHeader],
  unknownKind: {
    event: 'teleported',
    email: 'alex@example.com',
    sg_event_id: 'x1',
    nested: { kept: [1, null] },
  },
  brokenItems: [{}, { event: 5 }, { event: '' }, { email: 'alex@example.com' }],
  forgeries: (request) => [
    { what: '26 hours and a minute old', request: { ...request, receivedAt: later(26 * 3_600 + 60) } },
    { what: 'six minutes in the future', request: { ...request, receivedAt: later(-360) } },
    { what: 'a timestamp in words', request: withHeader(request, timestampHeader, 'yesterday') },
    { what: 'an endless signature', request: withHeader(request, signatureHeader, 'A'.repeat(100_000)) },
    { what: 'no DER at all', request: withHeader(request, signatureHeader, 'AAAA') },
    { what: 'bytes after the signature', request: withHeader(request, signatureHeader, padded(request)) },
  ],
  fixtures: [
    { file: 'processed.json', expected: { ...common, type: 'queued', providerType: 'processed' } },
    { file: 'deferred.json', expected: { ...common, type: 'deferred', reason: '400 try again later' } },
    { file: 'delivered.json', expected: { ...common, type: 'delivered', reason: '250 OK' } },
    {
      file: 'bounce.json',
      expected: {
        ...common,
        type: 'bounced',
        bounceClass: 'hard',
        code: '5.0.0',
        reason: '500 unknown recipient',
      },
    },
    {
      file: 'blocked-mailbox-full.json',
      expected: { ...common, type: 'bounced', bounceClass: 'soft', code: '5.2.2' },
    },
    { file: 'blocked-reputation.json', expected: { ...common, type: 'bounced', bounceClass: 'blocked' } },
    {
      file: 'bounce-without-ids.json',
      expected: {
        type: 'bounced',
        bounceClass: 'hard',
        guess: true,
        messageId: undefined,
        providerMessageId: undefined,
      },
    },
    { file: 'dropped.json', expected: { ...common, type: 'rejected', reason: 'Bounced Address' } },
    { file: 'open.json', expected: { ...common, type: 'opened', machine: false } },
    { file: 'open-by-machine.json', expected: { ...common, type: 'opened', machine: true } },
    {
      file: 'click.json',
      expected: {
        ...common,
        type: 'clicked',
        url: 'http://www.sendgrid.com/?a=1&b=2',
        occurredAt: new Date('2026-01-01T00:00:00.123Z'),
      },
    },
    { file: 'spamreport.json', expected: { ...common, type: 'complained' } },
    { file: 'unsubscribe.json', expected: { ...common, type: 'unsubscribed' } },
    { file: 'group-unsubscribe.json', expected: { ...common, type: 'unsubscribed' } },
    { file: 'group-resubscribe.json', expected: { ...common, type: 'subscribed' } },
    {
      file: 'account-status-change.json',
      expected: {
        type: 'unknown',
        providerType: 'account_status_change',
        messageId: undefined,
        recipient: undefined,
      },
    },
  ],
})

function padded(request: WebhookRequest): string {
  return Buffer.concat([
    Buffer.from(request.headers[signatureHeader] ?? '', 'base64'),
    Buffer.alloc(3),
  ]).toString('base64')
}

function later(seconds: number): Date {
  return new Date(receivedAt.getTime() + seconds * 1_000)
}
