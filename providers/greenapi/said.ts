import { z } from 'zod'
import { type CameKind, cameKind } from '#src/model/came.ts'
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
const fileData = z.object({ downloadUrl: text, caption: text, mimeType: text })
const contact = z.object({ displayName: text, vcard: text })

const messageData = z.object({
  typeMessage: z.string(),
  textMessageData: z.object({ textMessage: text }).nullish().catch(undefined),
  extendedTextMessageData: z.object({ text, stanzaId: text }).nullish().catch(undefined),
  quotedMessage: z.object({ stanzaId: text }).nullish().catch(undefined),
  fileMessageData: fileData.nullish().catch(undefined),
  locationMessageData: z
    .object({ nameLocation: text, address: text, latitude: coordinate, longitude: coordinate })
    .nullish()
    .catch(undefined),
  contactMessageData: contact.nullish().catch(undefined),
  messageData: z
    .object({ contacts: z.array(contact).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
  editedMessageData: z.object({ textMessage: text, caption: text }).nullish().catch(undefined),
  pollMessageData: z
    .object({
      votes: z
        .array(z.object({ optionName: text, optionVoters: z.array(z.unknown()).nullish().catch(undefined) }))
        .nullish()
        .catch(undefined),
    })
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
 * Reactions, edits, deletions and poll votes say something about an older message: what they say is told with their kind. A
 * kind that we do not know is one that could not be read.
 * https://green-api.com/en/docs/api/receiving/notifications-format/
 */
const readers = new Map<string, (data: MessageData) => Said>([
  ['textMessage', ({ textMessageData: data }) => readable({ text: written(data?.textMessage) })],
  ['extendedTextMessage', extendedText],
  ['quotedMessage', extendedText],
  ['imageMessage', file('photo')],
  ['videoMessage', file('video')],
  ['documentMessage', file('document')],
  ['audioMessage', file('voice')],
  ['stickerMessage', file('sticker')],
  ['locationMessage', location],
  ['contactMessage', ({ contactMessageData: data }) => cards(data ? [data] : [])],
  ['contactsArrayMessage', ({ messageData: data }) => cards(data?.contacts ?? [])],
  ['reactionMessage', ({ extendedTextMessageData: data }) => came('reaction', written(data?.text))],
  [
    'editedMessage',
    ({ editedMessageData: data }) => came('edit', written(data?.textMessage) ?? written(data?.caption)),
  ],
  ['deletedMessage', () => came('deletion')],
  ['pollUpdateMessage', vote],
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

/** The customer's word in one `messageData`; undefined where that is none. */
export function saidIn(raw: unknown): Said | undefined {
  const { data } = messageData.safeParse(raw)
  if (data === undefined) return undefined
  const said = (readers.get(data.typeMessage) ?? unknownKind)(data)
  return { ...said, repliedTo: said.repliedTo ?? data.quotedMessage?.stanzaId ?? undefined }
}

function extendedText({ extendedTextMessageData: data }: MessageData): Said {
  return readable({ text: written(data?.text), repliedTo: data?.stanzaId || undefined })
}

function file(kind: CameKind): (data: MessageData) => Said {
  return ({ fileMessageData: data }) => {
    const url = written(data?.downloadUrl)
    const contentType = data?.mimeType ?? undefined
    const named = url !== undefined && cameKind({ contentType }) === kind
    return { text: written(data?.caption), media: [{ url, contentType, kind: named ? undefined : kind }] }
  }
}

function came(kind: CameKind, text?: string): Said {
  return { text, media: [{ kind }] }
}

/** What has no words and no files says only that something came. */
function readable(said: Said): Said {
  return said.text === undefined ? { ...said, media: [{ kind: 'unreadable' }] } : said
}

function unknownKind(): Said {
  return came('unreadable')
}

/** What is chosen now: the notification tells the whole of a poll, and votes are taken back. */
function vote({ pollMessageData: data }: MessageData): Said {
  const chosen = (data?.votes ?? []).filter(({ optionVoters }) => (optionVoters ?? []).length > 0)
  return came(
    'vote',
    chosen
      .map(({ optionName }) => optionName)
      .filter(Boolean)
      .join(', ') || undefined,
  )
}

function location({ locationMessageData: data }: MessageData): Said {
  const coordinates =
    data?.latitude != null && data.longitude != null ? `${data.latitude},${data.longitude}` : ''
  return came(
    'location',
    [data?.nameLocation, data?.address, coordinates].filter(Boolean).join(', ') || undefined,
  )
}

/** A contact card as a person reads it: the name, and its numbers. */
function cards(contacts: readonly z.infer<typeof contact>[]): Said {
  const texts = contacts.map(({ displayName, vcard }) => {
    const numbers = [...(vcard ?? '').matchAll(/^(?:item\d+\.)?TEL[^:\n]*:([^\r\n]+)/gim)].map(
      ([, number]) => number,
    )
    return [displayName, ...numbers].filter(Boolean).join(' ')
  })
  return came('contact', texts.filter(Boolean).join(', ') || undefined)
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
