import { createHash, createPrivateKey, sign } from 'node:crypto'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { credentials } from '#sandbox/credentials.ts'
import type { MessageEvent } from '#src/model/event.ts'

/** Where Twilio is told that we are: what it signs. Nothing listens there; the sandbox calls nobody but this machine. */
export const publicUrl = 'https://comms.localhost'

/** One request, as it goes over the wire. */
export interface Prepared {
  method: string
  path: string
  headers: Record<string, string>
  body?: Buffer | string
}

/** A stretch of events, by number: event 0 to 2 are told of message 0, event 3 to 5 of message 1. */
export interface Stretch {
  first: number
  count: number
}

export const eventsAMessage = 3

// The same ids as seed.ts makes them in SQL.
const digest = (text: string) => createHash('md5').update(text).digest('hex')
const sid = (message: number) => `SM${digest(`sid:${message}`)}`
const phone = (message: number) => `+336${String(message % 1e8).padStart(8, '0')}`

function messageId(message: number): string {
  const hex = digest(`message:${message}`)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const sendgridKey = createPrivateKey({
  key: Buffer.from(credentials.sendgrid.privateKey, 'base64'),
  format: 'der',
  type: 'pkcs8',
})
const twilioStatuses = ['sending', 'sent', 'delivered'] as const
const twilioTypes = ['queued', 'sent', 'delivered'] as const
const sendgridKinds = ['processed', 'delivered', 'open'] as const

export function twilioEventId(event: number): string {
  return `${sid(Math.floor(event / eventsAMessage))}:${twilioStatuses[event % eventsAMessage]}`
}

export function sendgridEventId(event: number): string {
  return digest(`sendgrid:${event}`)
}

/** The same status as the server reads it. */
export function twilioEvent(event: number): MessageEvent {
  const message = Math.floor(event / eventsAMessage)
  const status = event % eventsAMessage
  const now = new Date()
  return {
    provider: 'twilio',
    eventId: twilioEventId(event),
    type: twilioTypes[status] ?? 'sent',
    providerType: twilioStatuses[status] ?? 'sent',
    channel: 'sms',
    messageId: messageId(message),
    providerMessageId: sid(message),
    recipient: phone(message),
    source: 'webhook',
    occurredAt: now,
    receivedAt: now,
    raw: { ...twilioForm(event), m: messageId(message) },
  }
}

/** A status callback of an SMS, signed by Twilio's own SDK. */
export function twilioWebhook(event: number): Prepared {
  const path = `/webhooks/twilio-sms?m=${messageId(Math.floor(event / eventsAMessage))}`
  const parameters = twilioForm(event)
  return {
    method: 'POST',
    path,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'User-Agent': 'TwilioProxy/1.1',
      'X-Twilio-Signature': getExpectedTwilioSignature(
        credentials.twilio.authToken,
        publicUrl + path,
        parameters,
      ),
    },
    body: new URLSearchParams(parameters).toString(),
  }
}

function twilioForm(event: number) {
  const message = Math.floor(event / eventsAMessage)
  const status = twilioStatuses[event % eventsAMessage] ?? 'sent'
  return {
    ApiVersion: '2010-04-01',
    AccountSid: credentials.twilio.accountSid,
    SmsSid: sid(message),
    SmsStatus: status,
    MessageSid: sid(message),
    MessageStatus: status,
    To: phone(message),
    From: credentials.twilio.smsFrom,
  }
}

/** A batch of SendGrid's Event Webhook, signed as its documentation says. */
export function sendgridWebhook({ first, count }: Stretch): Prepared {
  const now = Math.floor(Date.now() / 1_000)
  const events = Array.from({ length: count }, (_, index) => sendgridEvent(first + index, now))
  const body = Buffer.from(`[${events.map((event) => JSON.stringify(event)).join(',\r\n')}]\r\n`)
  const signature = sign('sha256', Buffer.concat([Buffer.from(String(now)), body]), sendgridKey)
  return {
    method: 'POST',
    path: '/webhooks/sendgrid',
    headers: {
      'Content-Type': 'application/json;charset=utf-8',
      'User-Agent': 'SendGrid Event API',
      'X-Twilio-Email-Event-Webhook-Signature': signature.toString('base64'),
      'X-Twilio-Email-Event-Webhook-Timestamp': String(now),
    },
    body,
  }
}

function sendgridEvent(event: number, now: number): Record<string, unknown> {
  const message = Math.floor(event / eventsAMessage)
  const kind = sendgridKinds[event % eventsAMessage]
  const id = digest(`sid:${message}`)
  return {
    email: `customer-${message}@example.com`,
    timestamp: now,
    'smtp-id': `<${id}@geopod-ismtpd-14>`,
    event: kind,
    category: ['max'],
    sg_event_id: sendgridEventId(event),
    sg_message_id: `${id}.recvd-6d5b4f7b59-x2xkz-1-6560F3A1-3.0`,
    app_msg: messageId(message),
    ...(kind === 'delivered' && { response: '250 2.0.0 OK', ip: '149.72.1.1', tls: 1 }),
    ...(kind === 'open' && { useragent: 'Mozilla/5.0', ip: '66.102.8.1', sg_machine_open: false }),
  }
}

/** What a customer is told. In the sandbox the last two digits say what happens: 10 is delivered. */
export function sms(number: number): { to: string; body: string } {
  const to = `+33612${String(number % 1e4).padStart(4, '0')}10`
  return { to, body: `Votre rendez-vous ${number} est confirmé.` }
}

/** The same through the API. */
export function sendSms(number: number, token: string): Prepared {
  return {
    method: 'POST',
    path: '/api/max/actions',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ action: 'sendSMS', params: sms(number) }),
  }
}

export function firstPage(token: string): Prepared {
  return { method: 'GET', path: '/api/messages', headers: { Authorization: `Bearer ${token}` } }
}

/** Half as much again before what is measured, until V8 has compiled both sides; whole batches, where there are any. */
export function warmedUp(count: number, batch = 1, start = 0): Stretch[] {
  const warming = Math.ceil(count / 2 / batch) * batch
  return [
    { first: start, count: warming },
    { first: start + warming, count },
  ]
}

/** The messages that these events are told of. */
export function messagesOf(stretches: readonly Stretch[]): Stretch {
  const first = Math.floor((stretches[0]?.first ?? 0) / eventsAMessage)
  const count = stretches.reduce((sum, stretch) => sum + stretch.count, 0)
  return { first, count: Math.ceil(count / eventsAMessage) + 1 }
}
