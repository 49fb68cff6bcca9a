import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { z } from 'zod'
import { type Validate, verifySignature } from '#providers/twilio/signature.ts'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { NotProven } from '#src/model/errors.ts'

export type Parameters = Record<string, string | string[]>

export const token = '0123456789abcdef0123456789abcdef'
export const door = 'https://comms.example.test/webhooks/twilio-whatsapp'

/** A form as the wire carries it: repeated names for lists, `+` for spaces. */
export function urlencoded(parameters: Parameters): Buffer {
  const pairs = Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  return Buffer.from(new URLSearchParams(pairs).toString())
}

/** A form POST as Twilio sends it, signed by its own SDK. `signedUrl` where the proxy shows us another one. */
export function formPost(
  parameters: Parameters,
  { url = door, signedUrl = url, key = token }: { url?: string; signedUrl?: string; key?: string } = {},
): WebhookRequest {
  return {
    method: 'POST',
    urls: [url],
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': getExpectedTwilioSignature(key, signedUrl, parameters),
    },
    body: urlencoded(parameters),
    receivedAt: new Date('2026-11-22T10:15:00Z'),
  }
}

export const parameters = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

/** Whether a request is proven; any other error than NotProven is one of the test. */
export function accepts(
  request: WebhookRequest,
  tokens = [token],
  validate: Validate = validateRequest,
): boolean {
  try {
    verifySignature(request, tokens, validate)
    return true
  } catch (error) {
    if (error instanceof NotProven) return false
    throw error
  }
}
