import { createHash } from 'node:crypto'
import { z } from 'zod'
import { UnreadableItem } from '#src/model/errors.ts'
import type { Alias, EventReading, Inbound } from '#src/model/event.ts'
import { e164 } from '#src/model/phone.ts'
import { addressIn, isLid, personIn } from './chat-id.ts'
import { type Said, saidIn } from './said.ts'
import { stateOf } from './state.ts'
import { statuses } from './statuses.ts'

const text = z.string().nullish()

const notification = z.object({
  typeWebhook: z.string(),
  instanceData: z
    .object({ idInstance: z.union([z.number(), z.string()]).transform(String).nullish(), wid: text })
    .nullish(),
  timestamp: z.number().nullish().catch(undefined),
  idMessage: text,
  chatId: text,
  status: text,
  stateInstance: text,
  sendByApi: z.boolean().nullish(),
  senderData: z.object({ chatId: text, sender: text }).nullish(),
  messageData: z.object({ typeMessage: text }).loose().nullish(),
})
type Notification = z.infer<typeof notification>

const messageKinds = new Set([
  'incomingMessageReceived',
  'outgoingMessageReceived',
  'outgoingAPIMessageReceived',
])

export interface Reader {
  /** Our instance, where we know it: another one's notification is none of ours. */
  instanceId?: string | undefined
  /** DEFAULT_COUNTRY, for phone numbers. */
  country: string
}

/**
 * The id of a notification, undefined where it has none of its own and its bytes must do: support confirms that the
 * same one comes again (https://github.com/green-api/issues/issues/541), and idMessage is unique only in its chat.
 */
export function idOf(raw: unknown): string | undefined {
  const { data } = notification.safeParse(raw)
  const instance = data?.instanceData?.idInstance
  if (!data || !instance) return undefined
  const { typeWebhook, idMessage, status, timestamp, stateInstance } = data
  const chatId = data.senderData?.chatId ?? data.chatId
  const chat = chatId && idMessage ? `${chatId}:${idMessage}` : undefined
  if (chat && messageKinds.has(typeWebhook)) return `${instance}:${typeWebhook}:${chat}${anew(data)}`
  if (chat && typeWebhook === 'outgoingMessageStatus') return `${instance}:${chat}:${status ?? ''}`
  const states = typeWebhook === 'stateInstanceChanged' && timestamp && stateInstance
  return states ? `${instance}:${timestamp}:${stateInstance}` : undefined
}

/**
 * What is said anew of an older message comes under that message's id, or its own: an edit, a deletion, a vote. Each is told by
 * when it was made and what it holds.
 */
function anew({ messageData, timestamp }: Notification): string {
  const kind = messageData?.typeMessage ?? ''
  if (!/^(?:editedMessage|deletedMessage|pollUpdateMessage)$/.test(kind)) return ''
  const told = createHash('sha256').update(JSON.stringify(messageData)).digest('hex').slice(0, 16)
  return `:${kind}:${timestamp ?? ''}:${told}`
}

/** The id of the acceptance of a message of ours, which our send tells, or the instance when it is asked. */
export function queuedId(instanceId: string, chatId: string, idMessage: string): string {
  // idMessage is unique within a chat only: https://green-api.com/en/docs/api/message-id/
  return `${instanceId}:${chatId}:${idMessage}:queued`
}

/** One notification as an event. Throws UnreadableItem for another instance's and for what is not a notification. */
export function readingOf(raw: unknown, reader: Reader): EventReading {
  const { data } = notification.safeParse(raw)
  if (data === undefined) throw new UnreadableItem('greenapi: not a notification of Green-API')
  const instance = data.instanceData?.idInstance
  if (reader.instanceId !== undefined && instance && instance !== reader.instanceId)
    throw new UnreadableItem('greenapi: another instance than GREEN_API_INSTANCE_ID')
  const occurredAt = data.timestamp ? new Date(data.timestamp * 1_000) : undefined
  if (data.typeWebhook === 'outgoingMessageStatus') return { ...statusOf(data, reader), occurredAt }
  if (messageKinds.has(data.typeWebhook)) return { ...messageOf(data, reader), occurredAt }
  const { typeWebhook, stateInstance } = data
  const stated = typeWebhook === 'stateInstanceChanged' && stateInstance
  return {
    type: 'unknown',
    providerType: typeWebhook,
    occurredAt,
    ...(stated && { providerState: stateOf(stateInstance) }),
  }
}

/** The status of a message typed on the phone (sendByApi false) is kept, but is not a fact about a message of ours. */
function statusOf({ status, chatId, idMessage, sendByApi }: Notification, { country }: Reader): EventReading {
  const meaning = sendByApi === false ? undefined : statuses.get(status ?? '')
  return {
    type: meaning?.type ?? 'unknown',
    providerType: status || 'outgoingMessageStatus',
    channel: 'whatsapp',
    providerMessageId: idMessage ?? undefined,
    ...(chatId && personIn(chatId, country)),
    ...(meaning?.type === 'failed' ? { code: status ?? undefined, reason: meaning.reason } : {}),
  }
}

/**
 * Only what a person writes to us in a chat of two is a received message. Kept as unknown: groups, statuses and
 * newsletters, echoes of our own sends and what was typed on the phone.
 */
function messageOf(data: Notification, { country }: Reader): EventReading {
  const chatId = data.senderData?.chatId ?? ''
  const incoming = data.typeWebhook === 'incomingMessageReceived'
  const personal = /@(?:c\.us|lid)$/.test(chatId)
  const common = { channel: 'whatsapp', providerMessageId: data.idMessage ?? undefined } as const
  const said = incoming && personal ? saidIn(data.messageData) : undefined
  if (said) {
    const inbound = inboundOf(data, said, country)
    return {
      ...common,
      type: 'received',
      providerType: data.typeWebhook,
      recipient: inbound.recipient,
      inbound,
      alias: aliasOf(data, inbound),
    }
  }
  const providerType =
    incoming && personal ? (data.messageData?.typeMessage ?? data.typeWebhook) : data.typeWebhook
  return {
    ...common,
    type: 'unknown',
    providerType,
    ...(!incoming && chatId && personIn(chatId, country)),
  }
}

function inboundOf({ senderData, instanceData }: Notification, said: Said, country: string): Inbound {
  const chatId = senderData?.chatId ?? ''
  // In a chat of two both are the customer; with lid mode half on, only one of them still tells the number.
  const phone = senderData?.sender ? e164(senderData.sender, country) : undefined
  return {
    sender: phone ?? addressIn(chatId, country),
    recipient: addressIn(instanceData?.wid ?? '', country),
    ...said,
  }
}

/** The customer's alias, where the notification tells the number too. */
function aliasOf({ senderData }: Notification, { sender: address }: Inbound): Alias | undefined {
  const name = [senderData?.chatId, senderData?.sender].find((id) => id && isLid(id))
  return name && address.startsWith('+') ? { name, address } : undefined
}
