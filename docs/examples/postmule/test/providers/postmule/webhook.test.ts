import { createHmac } from 'node:crypto'
import { postmuleWebhook } from '#providers/postmule/webhook.ts'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { webhookConformance } from '#support/webhook-conformance.ts'

const secret = 'a-secret-of-this-test'

function signed(items: unknown[]): WebhookRequest {
  const body = Buffer.from(JSON.stringify(items))
  return {
    method: 'POST',
    urls: ['https://comms.example.com/webhooks/postmule'],
    headers: { 'postmule-signature': createHmac('sha256', secret).update(body).digest('hex') },
    body,
    receivedAt: new Date('2026-11-22T12:00:00Z'),
  }
}

webhookConformance('postmule', {
  // Two, as while the secret is being changed: either proves.
  webhook: () => postmuleWebhook(['the-next-secret', secret]),
  signed,
  fixtures: [
    {
      file: 'delivered.json',
      expected: {
        type: 'delivered',
        providerType: 'delivered',
        messageId: '4f5b1a52-6f0c-4b0e-9a53-5c1f3f7f3a10',
        providerMessageId: 'pm_1',
        recipient: 'anna@example.com',
        occurredAt: new Date('2026-11-22T10:00:00Z'),
      },
    },
  ],
  unknownKind: { event: 'teleported', message: 'pm_1' },
  proof: ['postmule-signature'],
})
