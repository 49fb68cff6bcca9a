import { createPublicKey, createVerify, type KeyObject } from 'node:crypto'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { secrets } from '#src/contract/signature.ts'
import { ConfigurationError, NotProven } from '#src/model/errors.ts'

const signatureHeader = 'x-twilio-email-event-webhook-signature'
const timestampHeader = 'x-twilio-email-event-webhook-timestamp'
const longestSignature = 200
/** SendGrid retries a batch for 24 h, perhaps with its first signature; repeats are harmless, so the window is wide. */
const oldestMs = 26 * 3_600_000
const futureMs = 5 * 60_000

/** Parses the keys once (4 times faster than at each request) and gives the check of one request by its bytes. */
export function signatureCheck(secret: string): (request: WebhookRequest) => void {
  const keys = secrets(secret).map(publicKey)
  if (keys.length === 0) throw new ConfigurationError('sendgrid: SENDGRID_WEBHOOK_SECRET holds no key')
  return (request) => {
    const signature = request.headers[signatureHeader] ?? ''
    const timestamp = request.headers[timestampHeader] ?? ''
    if (signature === '' || timestamp === '')
      throw new NotProven('sendgrid: unsigned (switch on Signed Event Webhook in Mail Settings)')
    if (!recent(timestamp, request.receivedAt))
      throw new NotProven('sendgrid: signed too long ago or in the future (check the clock of this machine)')
    if (!keys.some((key) => signed(key, request.body, signature, timestamp)))
      throw new NotProven('sendgrid: wrong signature (check SENDGRID_WEBHOOK_SECRET)')
  }
}

/** The dashboard shows base64 of an SPKI DER key; the lines of a PEM file around it do no harm. */
function publicKey(value: string): KeyObject {
  try {
    const der = Buffer.from(value.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  } catch {
    // Said below, without the value.
  }
  throw new ConfigurationError(
    'sendgrid: SENDGRID_WEBHOOK_SECRET is not a P-256 public key (copy the Verification Key of the Event Webhook)',
  )
}

function recent(timestamp: string, receivedAt: Date): boolean {
  if (!/^\d{9,11}$/.test(timestamp)) return false
  const ageMs = receivedAt.getTime() - Number(timestamp) * 1_000
  return ageMs <= oldestMs && ageMs >= -futureMs
}

function signed(key: KeyObject, body: Buffer, signature: string, timestamp: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  // Base64 can be written in several ways for the same bytes; only SendGrid's own counts.
  if (signature.length > longestSignature || bytes.toString('base64') !== signature) return false
  return createVerify('sha256').update(timestamp).update(body).verify(key, bytes)
}
