import { play, type Step, stepTimes } from '../play.ts'
import { replyOf } from '../replies.ts'
import type { Story } from '../stories.ts'
import type { World } from '../world.ts'
import type { Notification, Notifications } from './notifications.ts'
import {
  type GreenRecord,
  instanceData,
  type Journal,
  newIdMessage,
  ownChatId,
  record,
  seconds,
} from './record.ts'

/** Lets a message's story happen; resolves when the API may answer. */
export function playChat(
  world: World,
  journal: Journal,
  notifications: Notifications,
  entry: GreenRecord,
  story: Story,
): Promise<void> {
  const statuses =
    story === 'no-account' ? ['noAccount'] : story === 'undelivered' ? ['sent', 'failed'] : arrived
  const times = stepTimes(world, story, statuses.length + 1, 1_000)
  const [echoedAt = world.now(), ...rest] = times
  const echoStep: Step = { happen() {}, tell: () => notifications.push(echo(entry, echoedAt)) }
  const steps = statuses.map(
    (status, index): Step => ({
      happen() {
        entry.status = status
      },
      tell: () => notifications.push(statusOf(entry, status, rest[index] ?? world.now())),
    }),
  )
  return play(world, story, [echoStep, ...steps], async () => {
    const reply = replyOf(story)
    if (!reply) return
    await world.post.pause(world.delayMs)
    const { chatId, idMessage } = entry
    await receiveChat(world, journal, notifications, { chatId, answers: idMessage, ...reply })
  })
}

const arrived = ['sent', 'delivered', 'read']

/** Every message sent through the API is told back, plain text as extendedTextMessage. */
function echo({ idMessage, chatId, text }: GreenRecord, at: Date): Notification {
  const textData = { text, description: '', title: '', previewType: 'None', jpegThumbnail: '' }
  return {
    typeWebhook: 'outgoingAPIMessageReceived',
    instanceData,
    timestamp: seconds(at),
    idMessage,
    senderData: { chatId, chatName: '', sender: ownChatId, senderName: 'Max', senderContactName: '' },
    messageData: {
      typeMessage: 'extendedTextMessage',
      extendedTextMessageData: { ...textData, forwardingScore: 0, isForwarded: false },
    },
  }
}

function statusOf({ idMessage, chatId }: GreenRecord, status: string, at: Date): Notification {
  return {
    typeWebhook: 'outgoingMessageStatus',
    chatId,
    instanceData,
    timestamp: seconds(at),
    idMessage,
    status,
    ...(status === 'failed' && { description: 'message was not delivered' }),
    ...(status === 'noAccount' && { description: 'there is no WhatsApp account for this number' }),
    sendByApi: true,
  }
}

/** What a customer writes to the instance. */
export interface CustomerChat {
  chatId: string
  text: string
  /** The id of the button pressed; `text` is then its label. */
  button?: string | undefined
  answers?: string | undefined
}

/** Takes a customer's message in and tells it; resolves with the first answer. */
export async function receiveChat(
  world: World,
  journal: Journal,
  notifications: Notifications,
  chat: CustomerChat,
) {
  const { chatId, text } = chat
  const idMessage = newIdMessage()
  const at = world.now()
  record(journal, { direction: 'incoming', idMessage, chatId, text, body: chat, at, status: 'received' })
  world.log({ event: 'customer_wrote', provider: 'greenapi', text: `${chatId} "${text.slice(0, 60)}"` })
  const status = await notifications.push({
    typeWebhook: 'incomingMessageReceived',
    instanceData,
    timestamp: seconds(at),
    idMessage,
    senderData: {
      chatId,
      sender: chatId,
      chatName: 'Camille Client',
      senderName: 'Camille Client',
      senderContactName: '',
    },
    messageData: messageData(chat),
  })
  return { id: idMessage, status }
}

function messageData({ text, button, answers }: CustomerChat) {
  if (button === undefined) return { typeMessage: 'textMessage', textMessageData: { textMessage: text } }
  return {
    typeMessage: 'interactiveButtonsResponse',
    interactiveButtonsResponse: {
      stanzaId: answers ?? '',
      selectedIndex: 0,
      selectedId: button,
      selectedDisplayText: text,
    },
  }
}
