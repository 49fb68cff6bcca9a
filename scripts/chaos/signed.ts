import { createHash, createHmac, createPrivateKey, createSign, randomUUID } from 'node:crypto'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { credentials } from '#sandbox/credentials.ts'

/** A webhook as its provider would post it, with the proof that it comes from there. */
export interface Signed {
  provider: 'sendgrid' | 'resend' | 'twilio' | 'greenapi'
  /** With its query. */
  path: string
  headers: Record<string, string>
  body: Buffer
}

const sendgridKey = createPrivateKey({
  key: Buffer.from(credentials.sendgrid.privateKey, 'base64'),
  format: 'der',
  type: 'pkcs8',
})
const json = { 'content-type': 'application/json' }

export function fromSendgrid(body: Buffer): Signed {
  const timestamp = nowSeconds()
  const headers = {
    ...json,
    'x-twilio-email-event-webhook-signature': createSign('sha256')
      .update(timestamp)
      .update(body)
      .sign(sendgridKey, 'base64'),
    'x-twilio-email-event-webhook-timestamp': timestamp,
  }
  return { provider: 'sendgrid', path: '/webhooks/sendgrid', headers, body }
}

/** `id` is the event's own: the same on each repeat. */
export function fromResend(body: Buffer, id: string): Signed {
  const timestamp = nowSeconds()
  const secret = Buffer.from(credentials.resend.webhookSecret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64')
  const headers = {
    ...json,
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': `v1,${signature}`,
  }
  return { provider: 'resend', path: '/webhooks/resend', headers, body }
}

const { authToken } = credentials.twilio

export function fromTwilio(form: Record<string, string>, baseUrl: string): Signed {
  const path = '/webhooks/twilio-sms'
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    'x-twilio-signature': getExpectedTwilioSignature(authToken, `${baseUrl}${path}`, form),
  }
  return { provider: 'twilio', path, headers, body: Buffer.from(new URLSearchParams(form).toString()) }
}

/** Any bytes at all: Twilio signs a body that is not a form by its hash in the URL. */
export function fromTwilioJson(body: Buffer, baseUrl: string): Signed {
  const path = `/webhooks/twilio-sms?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
  const signature = getExpectedTwilioSignature(authToken, `${baseUrl}${path}`, {})
  return { provider: 'twilio', path, headers: { ...json, 'x-twilio-signature': signature }, body }
}

export function fromGreenapi(body: Buffer): Signed {
  const headers = { ...json, authorization: `Bearer ${credentials.greenapi.webhookToken}` }
  return { provider: 'greenapi', path: '/webhooks/greenapi', headers, body }
}

/** The status that came back; undefined where none did. A body that was not answered in 10 s counts as that. */
export async function post(url: string, { path, headers, body }: Signed): Promise<Response | undefined> {
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(10_000),
    })
    await response.arrayBuffer()
    return response
  } catch {
    return undefined
  }
}

/** A good webhook of each provider, about a thing that nothing else is about. */
export function telling(provider: Signed['provider'], markers: readonly string[], baseUrl: string): Signed {
  const [marker = randomUUID()] = markers
  if (provider === 'sendgrid') return fromSendgrid(buffer(markers.map(sendgridEvent)))
  if (provider === 'resend') return fromResend(buffer(resendEvent(marker)), `msg_${marker}`)
  if (provider === 'twilio') return fromTwilio(twilioForm(marker), baseUrl)
  return fromGreenapi(buffer(greenapiNotification(marker)))
}

export function sendgridEvent(marker: string) {
  return {
    email: 'somebody@customers.example',
    timestamp: Number(nowSeconds()),
    event: 'delivered',
    sg_event_id: marker,
    sg_message_id: `${marker}.filterdrecv-5f6c7b8d9-abcde-1-65A0F3B2-1.0`,
    response: '250 OK',
  }
}

export function resendEvent(marker: string) {
  return {
    type: 'email.delivered',
    created_at: new Date().toISOString(),
    data: { email_id: marker, from: 'max@example.com', to: ['somebody@customers.example'], subject: 'Hello' },
  }
}

/** `marker`: a uuid, which the sid of the message is made of. */
export function twilioForm(marker: string, status = 'delivered'): Record<string, string> {
  return {
    ...ownSids(messageSid(marker)),
    ApiVersion: '2010-04-01',
    From: credentials.twilio.smsFrom,
    To: '+33612345685',
    MessageStatus: status,
    SmsStatus: status,
  }
}

export function messageSid(marker: string): string {
  return `SM${marker.replaceAll('-', '')}`
}

export function ownSids(sid: string): Record<string, string> {
  return { AccountSid: credentials.twilio.accountSid, MessageSid: sid, SmsSid: sid }
}

export function greenapiNotification(marker: string) {
  const { instanceId, phone } = credentials.greenapi
  return {
    typeWebhook: 'outgoingMessageStatus',
    instanceData: { idInstance: Number(instanceId), wid: `${phone}@c.us`, typeInstance: 'whatsapp' },
    timestamp: Number(nowSeconds()),
    chatId: '33612345685@c.us',
    idMessage: marker,
    status: 'delivered',
    sendByApi: true,
  }
}

function buffer(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function nowSeconds(): string {
  return String(Math.floor(Date.now() / 1_000))
}
