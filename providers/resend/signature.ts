import { createHmac } from 'node:crypto'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { sameBytes, secrets } from '#src/contract/signature.ts'
import { ConfigurationError, NotProven } from '#src/model/errors.ts'

const windowMs = 300_000
/** One signature has 47 characters; several come while a secret is being rotated. */
const longestSignatures = 2_000

/**
 * Parses the secrets once and gives the check of one request by its bytes: HMAC-SHA256 over `id.timestamp.body`, as
 * Svix and Standard Webhooks sign (https://docs.svix.com/receiving/verifying-payloads/how-manual).
 */
export function signatureCheck(secret: string): (request: WebhookRequest) => void {
  const keys = secrets(secret).map(signingKey)
  if (keys.length === 0) throw new ConfigurationError('resend: RESEND_WEBHOOK_SECRET holds no secret')
  return (request) => {
    const id = request.headers['svix-id'] ?? ''
    const timestamp = request.headers['svix-timestamp'] ?? ''
    const signatures = request.headers['svix-signature'] ?? ''
    // Without a dot in it, or one id could be read as another id and a timestamp.
    if (!/^[^.\s]{1,255}$/.test(id) || timestamp === '' || signatures === '')
      throw new NotProven('resend: unsigned (the request did not come from Resend, or lost its svix headers)')
    if (!recent(timestamp, request.receivedAt))
      throw new NotProven('resend: signed too long ago or in the future (check the clock of this machine)')
    if (!keys.some((key) => signed(key, `${id}.${timestamp}.`, request.body, signatures)))
      throw new NotProven('resend: wrong signature (check RESEND_WEBHOOK_SECRET)')
  }
}

function signingKey(value: string): Buffer {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value)?.[1] ?? ''
  const key = Buffer.from(base64, 'base64')
  if (key.length === 0 || key.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, ''))
    throw new ConfigurationError(
      'resend: RESEND_WEBHOOK_SECRET is not a signing secret (whsec_… as shown on the page of the webhook)',
    )
  return key
}

/** A retry is signed anew, so the window can be narrow. */
function recent(timestamp: string, receivedAt: Date): boolean {
  return (
    /^\d{9,11}$/.test(timestamp) && Math.abs(receivedAt.getTime() - Number(timestamp) * 1_000) <= windowMs
  )
}

function signed(key: Buffer, prefix: string, body: Buffer, signatures: string): boolean {
  if (signatures.length > longestSignatures) return false
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(prefix).update(body).digest('base64')}`)
  return signatures.split(' ').some((signature) => sameBytes(Buffer.from(signature), expected))
}
