import { randomBytes } from 'node:crypto'
import { credentials } from '../credentials.ts'
import { createRecent, type Recent } from '../recent.ts'

/** One message in the instance's journal, in or out. */
export interface GreenRecord {
  direction: 'outgoing' | 'incoming'
  idMessage: string
  chatId: string
  text: string
  /** The request as it was sent, for the queue. */
  body: unknown
  at: Date
  status: string
  /** Taken out of the queue before it was sent. */
  cleared?: true
}

/** The journal by `chatId_idMessage`: an idMessage is unique only within its chat. */
export type Journal = Recent<GreenRecord>

export function createJournal(): Journal {
  return createRecent()
}

export function record(journal: Journal, entry: GreenRecord): void {
  journal.set(`${entry.chatId}_${entry.idMessage}`, entry)
}

export function newIdMessage(): string {
  return `3EB0${randomBytes(8).toString('hex').toUpperCase()}`
}

export const ownChatId = `${credentials.greenapi.phone}@c.us`

export const instanceData = {
  idInstance: Number(credentials.greenapi.instanceId),
  wid: ownChatId,
  typeInstance: 'whatsapp',
}

export function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000)
}

/** A record as the journals show it; a text sent through the API is an extendedTextMessage there too. */
export function journalItem({ direction, idMessage, chatId, text, at, status }: GreenRecord) {
  const common = { type: direction, idMessage, timestamp: seconds(at), chatId, textMessage: text }
  const forwarding = { isForwarded: false, forwardingScore: 0 }
  if (direction === 'incoming') {
    const sender = { senderId: chatId, senderName: 'Camille Client', senderContactName: '' }
    return { ...common, typeMessage: 'textMessage', ...sender, ...forwarding }
  }
  return {
    ...common,
    typeMessage: 'extendedTextMessage',
    extendedTextMessage: { text, description: '', title: '', previewType: 'None', jpegThumbnail: '' },
    statusMessage: status,
    sendByApi: true,
    ...forwarding,
  }
}
