import type { WebhookRequest } from '#src/contract/provider.ts'

export const token = 'f3b1c2d4e5a697887766554433221100'

/** A notification as Green-API posts it. */
export function posted(item: unknown, authorization = `Bearer ${token}`): WebhookRequest {
  return {
    method: 'POST',
    urls: ['https://comms.example.test/webhooks/greenapi'],
    headers: { 'content-type': 'application/json', authorization },
    body: Buffer.from(JSON.stringify(item)),
    receivedAt: new Date('2026-11-22T10:15:00Z'),
  }
}
