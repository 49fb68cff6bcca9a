import { telegramWebhook } from '#providers/telegram/webhook.ts'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { webhookConformance } from '#support/webhook-conformance.ts'

const secret = 'a-secret-of-this-test'

function signed([item]: unknown[]): WebhookRequest {
  return {
    method: 'POST',
    urls: ['https://comms.example.com/webhooks/telegram'],
    headers: { 'x-telegram-bot-api-secret-token': secret },
    body: Buffer.from(JSON.stringify(item)),
    receivedAt: new Date('2026-11-22T12:00:00Z'),
  }
}

webhookConformance('telegram', {
  // Two, as while the secret is being changed: either proves.
  webhook: () => telegramWebhook(['the-next-secret', secret]),
  signed,
  fixtures: [
    {
      file: 'message.json',
      expected: {
        type: 'received',
        channel: 'telegram',
        providerType: 'message',
        providerMessageId: '123456789:12',
        occurredAt: new Date('2026-11-22T10:00:00Z'),
        inbound: { sender: '123456789', recipient: 'telegram', text: 'Oui', repliedTo: undefined },
      },
    },
  ],
  unknownKind: { update_id: 7002, message_reaction: {} },
  proof: ['x-telegram-bot-api-secret-token'],
  bodyIsSigned: false,
})
