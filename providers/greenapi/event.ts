import { createHash } from 'node:crypto'
import { z } from 'zod'
import { UnreadableItem } from '#src/model/errors.ts'
import type { Alias, EventReading } from '#src/model/event.ts'
import { whatsAppName } from '#src/model/whatsapp-name.ts'
import { chatKeyOf, isLid, numberIn, personIn, personOf } from './chat-id.ts'
import { saidIn } from './said.ts'
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
export function idOf(raw: unknown, country: string): string | undefined {
  const { data } = notification.safeParse(raw)
  const instance = data?.instanceData?.idInstance
  if (!data || !instance) return undefined
  const { typeWebhook, idMessage, status, timestamp, stateInstance } = data
  const chatId = chatKey(data, country)
  const chat = chatId && idMessage ? `${chatId}:${idMessage}` : undefined
  if (chat && messageKinds.has(typeWebhook)) return `${instance}:${typeWebhook}:${chat}${anew(data)}`
  if (chat && typeWebhook === 'outgoingMessageStatus') return `${instance}:${chat}:${status ?? ''}`
  const states = typeWebhook === 'stateInstanceChanged' && timestamp && stateInstance
  return states ? `${instance}:${timestamp}:${stateInstance}` : undefined
}

/**
 * One spelling for a chat of two, whichever of its names this notification uses: with lid mode half on the same message is
 * told as of a number and as of a `…@lid` (https://github.com/green-api/issues/issues/826).
 */
function chatKey(data: Notification, country: string): string | undefined {
  const chatId = data.senderData?.chatId ?? data.chatId
  const person = customerIn(data, country) ?? personOf(chatId, country)
  return person ? chatKeyOf(person) : (chatId ?? undefined)
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

/** The id of the acceptance of a message of ours to this person, which our send tells, or the instance when it is asked. */
export function queuedId(instanceId: string, person: string, idMessage: string): string {
  // idMessage is unique within a chat only: https://green-api.com/en/docs/api/message-id/
  return `${instanceId}:${chatKeyOf(person)}:${idMessage}:queued`
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
  const customer = incoming ? customerIn(data, country) : undefined
  const common = { channel: 'whatsapp', providerMessageId: data.idMessage ?? undefined } as const
  const said = customer === undefined ? undefined : saidIn(data.messageData)
  if (customer !== undefined && said) {
    const inbound = {
      sender: customer,
      recipient: ownNumber(data, country) ?? data.instanceData?.wid ?? '',
      ...said,
    }
    return {
      ...common,
      type: 'received',
      providerType: data.typeWebhook,
      recipient: inbound.recipient,
      inbound,
      alias: aliasOf(data, customer),
    }
  }
  const providerType =
    customer === undefined ? data.typeWebhook : (data.messageData?.typeMessage ?? data.typeWebhook)
  return {
    ...common,
    type: 'unknown',
    providerType,
    ...(!incoming && chatId && personIn(chatId, country)),
  }
}

/**
 * In a chat of two the customer is the chat, whoever is said to have sent: some versions tell our own number there
 * (https://github.com/green-api/issues/issues/883). The sender only tells the number of a chat that has none in its id.
 */
function customerIn(data: Notification, country: string): string | undefined {
  const { chatId, sender } = data.senderData ?? {}
  const chat = personOf(chatId, country)
  const own = ownNumber(data, country)
  if (chat === undefined || chat === own) return undefined
  const number = isLid(chat) && sender ? numberIn(sender, country) : undefined
  return number === undefined || number === own ? chat : number
}

function ownNumber({ instanceData }: Notification, country: string): string | undefined {
  return instanceData?.wid ? numberIn(instanceData.wid, country) : undefined
}

/** The customer's alias, and the number that it stands for where the notification tells that too. */
function aliasOf({ senderData }: Notification, customer: string): Alias | undefined {
  const names = [senderData?.chatId, senderData?.sender].map((id) => whatsAppName(id ?? ''))
  const name = names.find((one) => one !== undefined && isLid(one))
  if (name === undefined) return undefined
  return isLid(customer) ? { name } : { name, address: customer }
}
