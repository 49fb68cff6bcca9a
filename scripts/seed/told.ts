import { createHash } from 'node:crypto'
import { providerEntries } from '#providers/index.ts'
import type { ItemReader } from '#src/contract/provider.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { Word } from './stories.ts'

/** A message as its provider knows it. */
export interface Known {
  id: string
  providerMessageId: string
  recipient: string
  sender: string
}

type Posted = { body: string; type: string }
const json = (value: unknown): Posted => ({ body: JSON.stringify(value), type: 'application/json' })
const form = (fields: Record<string, string>): Posted => ({
  body: new URLSearchParams(fields).toString(),
  type: 'application/x-www-form-urlencoded',
})

const instance = '1101000001'
const account = 'AC5a4db0c55a4db0c55a4db0c55a4db0c5'
const readers = new Map(
  providerEntries.flatMap(({ name, reader }): [string, ItemReader][] => {
    const read = reader?.({ GREEN_API_INSTANCE_ID: instance }, 'FR')
    return read ? [[name, read]] : []
  }),
)

/** What a provider told of a message at that time, read by the provider's own reader: true raw, ids and mapping. */
export function told(provider: string, channel: string, of: Known, word: Word, at: Date): MessageEvent[] {
  return read(provider, at, statusOf(provider, channel, of, word, at), `?m=${of.id}`)
}

/** What a person wrote to us. */
export function wrote(
  provider: string,
  channel: string,
  from: Known,
  text: string,
  at: Date,
): MessageEvent[] {
  return read(provider, at, inboundOf(provider, channel, from, text, at), '')
}

function statusOf(
  provider: string,
  channel: string,
  { id, providerMessageId, recipient, sender }: Known,
  { word, with: more = {} }: Word,
  at: Date,
): Posted {
  if (provider === 'sendgrid')
    return json([
      {
        email: recipient,
        timestamp: seconds(at),
        event: word,
        sg_event_id: digest(`${id}:${word}:${at.toISOString()}`),
        sg_message_id: `${providerMessageId}.filter0001.16648.5515E0B88.0`,
        app_msg: id,
        ...more,
      },
    ])
  if (provider === 'greenapi')
    return json({
      typeWebhook: 'outgoingMessageStatus',
      chatId: chat(recipient),
      instanceData: instanceData(sender),
      timestamp: seconds(at),
      idMessage: providerMessageId,
      status: word,
      sendByApi: true,
      ...more,
    })
  return form({
    AccountSid: account,
    ApiVersion: '2010-04-01',
    From: prefixed(channel, sender),
    To: prefixed(channel, recipient),
    MessageSid: providerMessageId,
    SmsSid: providerMessageId,
    MessageStatus: word,
    SmsStatus: word,
    ...(channel === 'whatsapp' && { ChannelPrefix: 'whatsapp', EventType: word.toUpperCase() }),
    ...more,
  })
}

function inboundOf(provider: string, channel: string, from: Known, text: string, at: Date): Posted {
  const { recipient, sender, id } = from
  if (provider === 'greenapi')
    return json({
      typeWebhook: 'incomingMessageReceived',
      instanceData: instanceData(sender),
      timestamp: seconds(at),
      idMessage: digest(id).toUpperCase(),
      senderData: { chatId: chat(recipient), sender: chat(recipient), senderName: 'Marie' },
      messageData: { typeMessage: 'textMessage', textMessageData: { textMessage: text } },
    })
  const sid = `SM${digest(id)}`
  return form({
    AccountSid: account,
    ApiVersion: '2010-04-01',
    From: prefixed(channel, recipient),
    To: prefixed(channel, sender),
    MessageSid: sid,
    SmsSid: sid,
    SmsMessageSid: sid,
    SmsStatus: 'received',
    NumMedia: '0',
    Body: text,
  })
}

function read(provider: string, at: Date, { body, type }: Posted, query: string): MessageEvent[] {
  const reader = readers.get(provider)
  if (!reader) throw new Error(`seed: ${provider} tells nothing`)
  const request = {
    method: 'POST',
    urls: [`https://comms.example.com/webhooks/${provider}${query}`],
    headers: { 'content-type': type },
    body: Buffer.from(body),
    receivedAt: new Date(at.getTime() + 1_500),
  }
  return reader.items(request).map((item) => reader.event(item))
}

/** 32 hexadecimal digits that the same text always gives. */
export function digest(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function prefixed(channel: string, address: string): string {
  return channel === 'whatsapp' ? `whatsapp:${address}` : address
}

function chat(phone: string): string {
  return `${phone.slice(1)}@c.us`
}

function instanceData(sender: string) {
  return { idInstance: Number(instance), wid: chat(sender), typeInstance: 'whatsapp' }
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1_000)
}
