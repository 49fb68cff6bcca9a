import { Webhook } from 'standardwebhooks'
import type { WebhookRequest } from '#src/contract/provider.ts'

export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
export const receivedAt = new Date('2026-01-01T00:01:00Z')

export function signed(body: Buffer, at: Date = receivedAt): WebhookRequest {
  return {
    method: 'POST',
    urls: ['https://comms.example.com/webhooks/resend'],
    headers: {
      'svix-id': 'msg_test',
      'svix-timestamp': String(at.getTime() / 1_000),
      'svix-signature': new Webhook(secret).sign('msg_test', at, body.toString()),
    },
    body,
    receivedAt: at,
  }
}

export function withHeader(request: WebhookRequest, name: string, value: string): WebhookRequest {
  return { ...request, headers: { ...request.headers, [name]: value } }
}

export function later(seconds: number): Date {
  return new Date(receivedAt.getTime() + seconds * 1_000)
}
