import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { WebhookRequest } from '#src/contract/provider.ts'

export const signatureHeader = 'x-twilio-email-event-webhook-signature'
export const timestampHeader = 'x-twilio-email-event-webhook-timestamp'
export const receivedAt = new Date('2026-01-01T00:01:00Z')

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const secret = spki(keys.publicKey)

/** SendGrid ends each element, and the body, with CRLF. */
export function signed(items: unknown[]): WebhookRequest {
  return signedBytes(Buffer.from(`[${items.map((item) => JSON.stringify(item)).join(',\r\n')}]\r\n`))
}

export function signedBytes(body: Buffer): WebhookRequest {
  const timestamp = String(receivedAt.getTime() / 1_000)
  const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), body]), keys.privateKey)
  return webhookRequest(body, signature.toString('base64'), timestamp)
}

export function webhookRequest(body: Buffer, signature: string, timestamp: string): WebhookRequest {
  return {
    method: 'POST',
    urls: ['https://comms.example.com/webhooks/sendgrid'],
    headers: {
      'content-type': 'application/json',
      [signatureHeader]: signature,
      [timestampHeader]: timestamp,
    },
    body,
    receivedAt,
  }
}

export function withHeader(request: WebhookRequest, name: string, value: string): WebhookRequest {
  return { ...request, headers: { ...request.headers, [name]: value } }
}

export function spki(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64')
}
