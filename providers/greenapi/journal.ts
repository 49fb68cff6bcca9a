import { z } from 'zod'
import { unreadable } from '#src/contract/http.ts'

const text = z.string().nullish().catch(undefined)

const fields = z
  .object({
    type: text,
    idMessage: z.string().min(1),
    chatId: z.string().min(1),
    timestamp: z.number().nullish().catch(undefined),
    typeMessage: text,
    textMessage: text,
    extendedTextMessage: z.object({ text, stanzaId: text }).nullish().catch(undefined),
    senderId: text,
    statusMessage: text,
    sendByApi: z.boolean().nullish().catch(undefined),
  })
  .loose()

/** One message in the instance's journals; `raw` as it came. */
export type JournalItem = z.infer<typeof fields> & { raw: unknown }

/** Throws a retryable ProviderError for what is not a message. */
export function journalItem(raw: unknown): JournalItem {
  const [item] = itemsAmong([raw])
  if (item === undefined) throw unreadable('greenapi')
  return item
}

/**
 * The messages of a journal. An item that is not a message is left out, or it would hide all the others as long as the
 * journal lists it; a later listing may have it readable. Throws a retryable ProviderError where nothing of it can be read.
 */
export function journalItems(raw: unknown): JournalItem[] {
  if (!Array.isArray(raw)) throw unreadable('greenapi')
  const items = itemsAmong(raw)
  if (items.length === 0 && raw.length > 0) throw unreadable('greenapi')
  return items
}

function itemsAmong(raws: readonly unknown[]): JournalItem[] {
  return raws.flatMap((raw) => {
    const { data } = fields.safeParse(raw)
    return data ? [{ ...data, raw }] : []
  })
}

/** The text of a text message. */
export function textOf({ textMessage, extendedTextMessage }: JournalItem): string | undefined {
  return textMessage || extendedTextMessage?.text || undefined
}

/** The status that an outgoing item has, as its notification would tell it; without a clock, which the item has none of. */
export function asStatus(instanceId: string, { chatId, idMessage, statusMessage, sendByApi }: JournalItem) {
  return {
    typeWebhook: 'outgoingMessageStatus',
    instanceData: { idInstance: instanceId },
    chatId,
    idMessage,
    status: statusMessage,
    sendByApi,
  }
}

/**
 * What an incoming item says, as its notification would: the journal is flat and names some objects otherwise
 * (https://green-api.com/en/docs/api/journals/LastIncomingMessages/); the SDK's types have some as in notifications. `own`: the
 * instance's own chat, which an item does not tell.
 */
export function asIncoming(instanceId: string, item: JournalItem, own: string | undefined) {
  const { idMessage, timestamp, chatId, senderId, raw: _raw, extendedTextMessage, ...rest } = item
  const { downloadUrl, caption, mimeType } = item
  return {
    typeWebhook: 'incomingMessageReceived',
    instanceData: { idInstance: instanceId, wid: own },
    timestamp,
    idMessage,
    senderData: { chatId, sender: senderId },
    messageData: {
      textMessageData: { textMessage: item.textMessage },
      extendedTextMessageData: { text: textOf(item), stanzaId: extendedTextMessage?.stanzaId },
      fileMessageData: { downloadUrl, caption, mimeType },
      locationMessageData: item.location,
      contactMessageData: item.contact,
      messageData: { contacts: item.contacts },
      ...rest,
    },
  }
}
