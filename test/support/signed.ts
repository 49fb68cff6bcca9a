import { createPrivateKey, createSign, randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { expect, vi } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'

/** One webhook as its provider would send it. */
export interface SignedRequest {
  method: 'GET' | 'POST'
  /** With its query. */
  path: string
  headers: Record<string, string>
  body: Buffer
}

/** A batch of SendGrid (or the very text of one), signed with node:crypto as its documentation says. */
export function fromSendgrid(
  batch: unknown[] | string,
  { path = '/webhooks/sendgrid', at = new Date() } = {},
): SignedRequest {
  const body = Buffer.from(typeof batch === 'string' ? batch : JSON.stringify(batch))
  const timestamp = seconds(at)
  const key = createPrivateKey({
    key: Buffer.from(credentials.sendgrid.privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
  return {
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': createSign('sha256')
        .update(timestamp)
        .update(body)
        .sign(key, 'base64'),
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
    body,
  }
}

/** One event of Resend, signed by the Standard Webhooks library. */
export function fromResend(
  event: unknown,
  { path = '/webhooks/resend', at = new Date(), id = `msg_${randomUUID().replaceAll('-', '')}` } = {},
): SignedRequest {
  const body = typeof event === 'string' ? event : JSON.stringify(event)
  return {
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': seconds(at),
      'svix-signature': new Webhook(credentials.resend.webhookSecret).sign(id, at, body),
    },
    body: Buffer.from(body),
  }
}

export type Parameters = Record<string, string | string[]>

/** A form of Twilio, signed by its own SDK for the URL that it believes to call. */
export function fromTwilio(
  parameters: Parameters,
  options: { baseUrl: string; path?: string; signedUrl?: string; method?: 'GET' | 'POST' },
): SignedRequest {
  const { baseUrl, path = '/webhooks/twilio-whatsapp', method = 'POST' } = options
  const { signedUrl = `${baseUrl}${path}` } = options
  const signed = method === 'GET' ? {} : parameters
  return {
    method,
    path,
    headers: {
      ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
      'x-twilio-signature': getExpectedTwilioSignature(credentials.twilio.authToken, signedUrl, signed),
    },
    body: Buffer.from(method === 'GET' ? '' : urlencoded(parameters)),
  }
}

export function urlencoded(parameters: Parameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  return new URLSearchParams(pairs).toString()
}

/** A notification of Green-API (or the very text of one), with its static token. */
export function fromGreenapi(notification: unknown): SignedRequest {
  const body = typeof notification === 'string' ? notification : JSON.stringify(notification)
  return {
    method: 'POST',
    path: '/webhooks/greenapi',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${credentials.greenapi.webhookToken}`,
    },
    body: Buffer.from(body),
  }
}

interface DoorAnswer {
  status: number
  type: string | null
  text: string
}

/** What the door answers to one request, over a real connection; what it kept has reached the database. */
export async function post(
  url: string,
  request: SignedRequest,
  more: Record<string, string> = {},
): Promise<DoorAnswer> {
  const answer = await knock(url, request, more)
  if (answer.status < 300) await drained(url)
  return answer
}

/** What the door answers to one request, no matter where what it kept lies now. */
export async function knock(
  url: string,
  { method, path, headers, body }: SignedRequest,
  more: Record<string, string> = {},
): Promise<DoorAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...headers, ...more },
    ...(method === 'POST' && { body: new Uint8Array(body) }),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: await response.text(),
  }
}

/** Until nothing waits in the spool: on a slow machine what was answered 2xx may be there for a moment. */
export async function drained(url: string): Promise<void> {
  await vi.waitFor(
    async () => expect(await (await fetch(`${url}/health/ready`)).text()).not.toContain('spool'),
    { timeout: 15_000, interval: 50 },
  )
}

function seconds(at: Date): string {
  return String(Math.floor(at.getTime() / 1_000))
}
