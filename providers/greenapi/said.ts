import { z } from 'zod'
import type { Inbound } from '#src/model/event.ts'

/** What a customer wrote, pressed or sent; the rest of an Inbound is in the envelope. */
export type Said = Pick<Inbound, 'text' | 'buttonPayload' | 'media' | 'repliedTo'>

// A field that is not what the documentation says costs this field only, never the customer's message.
const text = z.string().nullish().catch(undefined)
const coordinate = z.number().nullish().catch(undefined)
// The type of singleSelectReply is unconfirmed: WhatsApp itself wraps the row's id in an object.
const rowId = z
  .union([z.string(), z.object({ selectedRowId: z.string() }).transform((reply) => reply.selectedRowId)])
  .nullish()
  .catch(undefined)
const file = z.object({ downloadUrl: text, caption: text, mimeType: text })
const contact = z.object({ displayName: text })

const messageData = z.object({
  typeMessage: z.string(),
  textMessageData: z.object({ textMessage: text }).nullish().catch(undefined),
  extendedTextMessageData: z.object({ text, stanzaId: text }).nullish().catch(undefined),
  quotedMessage: z.object({ stanzaId: text }).nullish().catch(undefined),
  fileMessageData: file.nullish().catch(undefined),
  locationMessageData: z
    .object({ nameLocation: text, address: text, latitude: coordinate, longitude: coordinate })
    .nullish()
    .catch(undefined),
  contactMessageData: contact.nullish().catch(undefined),
  messageData: z
    .object({ contacts: z.array(contact).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
  buttonsResponseMessage: z
    .object({ stanzaId: text, selectedButtonId: text, selectedButtonText: text })
    .nullish()
    .catch(undefined),
  templateButtonReplyMessage: z
    .object({ stanzaId: text, selectedId: text, selectedDisplayText: text })
    .nullish()
    .catch(undefined),
  interactiveButtonsResponse: z
    .object({ stanzaId: text, selectedId: text, selectedDisplayText: text })
    .nullish()
    .catch(undefined),
  listResponseMessage: z
    .object({ stanzaId: text, title: text, singleSelectReply: rowId })
    .nullish()
    .catch(undefined),
})
type MessageData = z.infer<typeof messageData>

/**
 * How each kind is read. The kind decides, not the fields that are there: a reaction has extendedTextMessageData too.
 * Left out on purpose, so not read as a customer's word: reactions, edits, deletions and poll votes, which say
 * something about an older message, and kinds we do not know. Their raw is kept all the same.
 * https://green-api.com/en/docs/api/receiving/notifications-format/
 */
const readers = new Map<string, (data: MessageData) => Said>([
  ['textMessage', ({ textMessageData: data }) => ({ text: written(data?.textMessage) })],
  ['extendedTextMessage', extendedText],
  ['quotedMessage', extendedText],
  ['imageMessage', media],
  ['videoMessage', media],
  ['documentMessage', media],
  ['audioMessage', media],
  ['stickerMessage', media],
  ['locationMessage', location],
  ['contactMessage', ({ contactMessageData: data }) => ({ text: written(data?.displayName) })],
  ['contactsArrayMessage', contacts],
  [
    'buttonsResponseMessage',
    ({ buttonsResponseMessage: data }) =>
      pressed(data?.selectedButtonText, data?.selectedButtonId, data?.stanzaId),
  ],
  // The documentation's table and its example spell it differently.
  ['templateButtonsReplyMessage', templateButton],
  ['templateButtonReplyMessage', templateButton],
  [
    'interactiveButtonsResponse',
    ({ interactiveButtonsResponse: data }) =>
      pressed(data?.selectedDisplayText, data?.selectedId, data?.stanzaId),
  ],
  [
    'listResponseMessage',
    ({ listResponseMessage: data }) => pressed(data?.title, data?.singleSelectReply, data?.stanzaId),
  ],
])

/** The customer's word in one `messageData`; undefined where it is none. */
export function saidIn(raw: unknown): Said | undefined {
  const { data } = messageData.safeParse(raw)
  if (data === undefined) return undefined
  const said = readers.get(data.typeMessage)?.(data)
  return said && { ...said, repliedTo: said.repliedTo ?? data.quotedMessage?.stanzaId ?? undefined }
}

function extendedText({ extendedTextMessageData: data }: MessageData): Said {
  return { text: written(data?.text), repliedTo: data?.stanzaId || undefined }
}

function media({ fileMessageData: data }: MessageData): Said {
  const url = written(data?.downloadUrl)
  return {
    text: written(data?.caption),
    media: url === undefined ? undefined : [{ url, contentType: data?.mimeType ?? undefined }],
  }
}

function location({ locationMessageData: data }: MessageData): Said {
  const coordinates =
    data?.latitude != null && data.longitude != null ? `${data.latitude},${data.longitude}` : ''
  return { text: [data?.nameLocation, data?.address, coordinates].filter(Boolean).join(', ') || undefined }
}

function contacts({ messageData: data }: MessageData): Said {
  const names = (data?.contacts ?? []).map(({ displayName }) => displayName)
  return { text: names.filter(Boolean).join(', ') || undefined }
}

function templateButton({ templateButtonReplyMessage: data }: MessageData): Said {
  return pressed(data?.selectedDisplayText, data?.selectedId, data?.stanzaId)
}

type Text = string | null | undefined

function pressed(label: Text, id: Text, stanzaId: Text): Said {
  return { text: written(label), buttonPayload: id || undefined, repliedTo: stanzaId || undefined }
}

/** `{{SWE001}}` and the like stand where Green-API could not decrypt or store something: nobody's words. */
function written(value: Text): string | undefined {
  return !value || /^\{\{SWE\d+\}\}$/.test(value.trim()) ? undefined : value
}
