import { randomBytes, randomUUID } from 'node:crypto'
import { credentials } from '#sandbox/credentials.ts'
import { drained, fromGreenapi, fromResend, fromSendgrid, fromTwilio, type SignedRequest } from './signed.ts'
import type { World } from './world.ts'

/** What a provider tells of one message, in its own words. */

export interface Sent {
  messageId: string
  /** The provider's id. */
  entityId: string
  to: string
}

let people = 10_000

/** A person that nobody wrote to yet; the sandbox's providers accept a message to them and then stay silent. */
export function silentNumber(): string {
  people += 1
  return `+3361${people}85`
}

export function silentAddress(): string {
  return `silent+${randomBytes(6).toString('hex')}@customers.example`
}

/** One message that its provider has accepted and told nothing of. */
export async function sent(
  world: World,
  provider: 'sendgrid' | 'resend' | 'twilio' | 'greenapi',
  channel: 'whatsapp' | 'sms' = 'whatsapp',
): Promise<Sent> {
  const mail = provider === 'sendgrid' || provider === 'resend'
  const to = mail ? silentAddress() : silentNumber()
  const answer = mail
    ? await world.action('sendEmail', { to, subject: 'Hello', body: 'Hi', provider })
    : await world.action(channel === 'sms' ? 'sendSMS' : 'sendWhatsApp', {
        to,
        body: 'Hi',
        ...(channel === 'whatsapp' && { provider }),
      })
  if (answer.status !== 200) throw new Error(`not sent: ${answer.status} ${JSON.stringify(answer.body)}`)
  return { messageId: answer.body.messageId, entityId: answer.body.entityId, to }
}

export interface Timeline {
  message: Record<string, unknown>
  events: Record<string, unknown>[]
}

export async function timeline(world: World, messageId: string): Promise<Timeline> {
  await drained(world.url)
  const { body } = await world.call('GET', `/api/messages/${messageId}`)
  return body
}

/** The kinds of a message's events that webhooks told, in the timeline's order. */
export async function facts(world: World, messageId: string): Promise<unknown[]> {
  const { events } = await timeline(world, messageId)
  return events.filter(({ source }) => source === 'webhook').map(({ type }) => type)
}

export function sendgridEvent(message: { entityId?: string; to: string }, fields: Record<string, unknown>) {
  return {
    email: message.to,
    timestamp: Math.floor(Date.now() / 1_000),
    sg_event_id: randomBytes(16).toString('base64url'),
    ...(message.entityId && {
      sg_message_id: `${message.entityId}.filterdrecv-5f6c7b8d9-abcde-1-65A0F3B2-1.0`,
    }),
    ...fields,
  }
}

export function resendEvent({ entityId, to }: Sent, type: string, data: Record<string, unknown> = {}) {
  return {
    type: `email.${type}`,
    created_at: new Date().toISOString(),
    data: { email_id: entityId, from: 'max@example.com', to: [to], subject: 'Hello', ...data },
  }
}

/** Twilio's status callback, without the `m` that our own callback URL carries. */
export function twilioStatus(
  { entityId, to }: { entityId: string; to: string },
  status: string,
  more: Record<string, string> = {},
) {
  return {
    AccountSid: credentials.twilio.accountSid,
    ApiVersion: '2010-04-01',
    From: credentials.twilio.whatsappFrom,
    To: `whatsapp:${to}`,
    MessageSid: entityId,
    SmsSid: entityId,
    MessageStatus: status,
    SmsStatus: status,
    ChannelPrefix: 'whatsapp',
    ...more,
  }
}

export function twilioInbound(from: string, body: string) {
  const sid = `SM${randomBytes(16).toString('hex')}`
  return {
    AccountSid: credentials.twilio.accountSid,
    ApiVersion: '2010-04-01',
    From: `whatsapp:${from}`,
    To: credentials.twilio.whatsappFrom,
    MessageSid: sid,
    SmsMessageSid: sid,
    SmsStatus: 'received',
    NumMedia: '0',
    Body: body,
  }
}

export function greenapiStatus({ entityId, to }: Sent, status: string) {
  return { ...greenapiNotification('outgoingMessageStatus'), ...chat(entityId, to), status, sendByApi: true }
}

export function greenapiNotification(typeWebhook: string) {
  const { instanceId, phone } = credentials.greenapi
  return {
    typeWebhook,
    instanceData: { idInstance: Number(instanceId), wid: `${phone}@c.us`, typeInstance: 'whatsapp' },
    timestamp: Math.floor(Date.now() / 1_000),
  }
}

export function greenapiInbound(from: string, textMessage: string) {
  const { chatId, idMessage } = chat(randomUUID().replaceAll('-', '').toUpperCase().slice(0, 20), from)
  return {
    ...greenapiNotification('incomingMessageReceived'),
    idMessage,
    senderData: { chatId, sender: chatId, chatName: 'Marie', senderName: 'Marie' },
    messageData: { typeMessage: 'textMessage', textMessageData: { textMessage } },
  }
}

function chat(idMessage: string, to: string) {
  return { chatId: `${to.slice(1)}@c.us`, idMessage }
}

/** That a message was delivered, told by each provider that calls us. */
export const deliveries: {
  provider: 'sendgrid' | 'resend' | 'twilio' | 'greenapi'
  channel: 'whatsapp' | 'sms'
  delivered(message: Sent, baseUrl: string): SignedRequest
}[] = [
  {
    provider: 'sendgrid',
    channel: 'whatsapp',
    delivered: (message) => fromSendgrid([sendgridEvent(message, { event: 'delivered' })]),
  },
  {
    provider: 'resend',
    channel: 'whatsapp',
    delivered: (message) => fromResend(resendEvent(message, 'delivered')),
  },
  {
    provider: 'twilio',
    channel: 'whatsapp',
    delivered: (message, baseUrl) => fromTwilio(twilioStatus(message, 'delivered'), { baseUrl }),
  },
  {
    provider: 'twilio',
    channel: 'sms',
    delivered: (message, baseUrl) =>
      fromTwilio(
        { ...twilioStatus(message, 'delivered'), From: credentials.twilio.smsFrom, To: message.to },
        { baseUrl, path: '/webhooks/twilio-sms' },
      ),
  },
  {
    provider: 'greenapi',
    channel: 'whatsapp',
    delivered: (message) => fromGreenapi(greenapiStatus(message, 'delivered')),
  },
]
