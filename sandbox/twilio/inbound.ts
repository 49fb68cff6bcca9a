import { credentials } from '../credentials.ts'
import type { Answer } from '../post.ts'
import { keywords, replyOf } from '../replies.ts'
import type { Story } from '../stories.ts'
import { type World, webhookUrl } from '../world.ts'
import { isWhatsApp, newSid, type TwilioBooks, type TwilioRecord } from './record.ts'
import { signedForm } from './signed.ts'

/** What a customer writes; addresses as Twilio spells them. */
export interface CustomerMessage {
  from: string
  to: string
  text: string
  /** The payload of the button pressed; `text` is then its title. */
  button?: string | undefined
  /** The message of ours that this one answers. */
  answers?: string | undefined
}

/** The reply that a story makes after the message has arrived. */
export async function customerReply(world: World, books: TwilioBooks, record: TwilioRecord, story: Story) {
  const [first] = record.buttons
  const pressed = story === 'button' && first ? { text: first.title, button: first.id } : undefined
  const reply = pressed ?? replyOf(story)
  if (!reply || record.from === null || (reply.button && !isWhatsApp(record.to))) return
  await world.post.pause(world.delayMs)
  await receiveCustomer(world, books, { from: record.to, to: record.from, answers: record.sid, ...reply })
}

/** Takes a customer's message in and posts the signed webhook; resolves with its first answer. */
export async function receiveCustomer(world: World, books: TwilioBooks, message: CustomerMessage) {
  const now = world.now()
  const sid = newSid()
  const { from, to, text: body } = message
  const outbound = { service: null, statusCallback: null, errorCode: null, buttons: [], media: 0 }
  const dates = { createdAt: now, sentAt: now, updatedAt: now }
  books.records.set(sid, {
    sid,
    direction: 'inbound',
    from,
    to,
    body,
    status: 'received',
    ...outbound,
    ...dates,
  })
  heedKeyword(books, message)
  world.log({ event: 'customer_wrote', provider: 'twilio', text: `${from} -> ${to} "${body.slice(0, 60)}"` })
  const url = webhookUrl(
    world,
    'twilio',
    isWhatsApp(from) ? '/webhooks/twilio-whatsapp' : '/webhooks/twilio-sms',
  )
  if (url === undefined) return { id: sid, status: null }
  const fields = isWhatsApp(from) ? whatsAppForm(sid, message) : smsForm(sid, message)
  const answer = await world.post.send(signedForm(url, fields, 'received'))
  suspect(world, answer)
  return { id: sid, status: answer.status }
}

/** Twilio itself cuts and restores SMS pairs on these words, and still forwards them (TWIML). */
function heedKeyword(books: TwilioBooks, { from, to, text }: CustomerMessage): void {
  if (isWhatsApp(from)) return
  const word = text.trim().toUpperCase()
  if (keywords.stop.has(word)) books.stopped.set(`${to} ${from}`, true)
  if (keywords.start.has(word)) books.stopped.delete(`${to} ${from}`)
}

/** A text/plain answer is sent to the customer as a message, and an untyped one is an error 12300: say so. */
function suspect(world: World, { status, contentType }: Answer): void {
  if (status !== 200 || /^(text|application)\/(xml|html)/.test(contentType)) return
  const text = `inbound answered with "${contentType}": Twilio wants text/xml and would text plain text to the customer`
  world.log({ event: 'answer_suspect', provider: 'twilio', text })
}

function common(sid: string, { from, to, text }: CustomerMessage): Record<string, string> {
  return {
    SmsMessageSid: sid,
    NumMedia: '0',
    SmsSid: sid,
    SmsStatus: 'received',
    Body: text,
    To: to,
    NumSegments: '1',
    MessageSid: sid,
    AccountSid: credentials.twilio.accountSid,
    From: from,
    ApiVersion: '2010-04-01',
  }
}

function smsForm(sid: string, message: CustomerMessage): Record<string, string> {
  const places = { FromCountry: 'FR', FromState: '', FromCity: '', FromZip: '' }
  return { ...common(sid, message), ...places, ToCountry: 'US', ToState: '', ToCity: '', ToZip: '' }
}

function whatsAppForm(sid: string, message: CustomerMessage): Record<string, string> {
  const { from, to, text, button, answers } = message
  return {
    ...common(sid, message),
    ProfileName: 'Camille Client',
    WaId: from.replaceAll(/\D/g, ''),
    ReferralNumMedia: '0',
    MessageType: button === undefined ? 'text' : 'button',
    ...(button !== undefined && { ButtonText: text, ButtonPayload: button, ButtonType: 'REPLY' }),
    ...(answers &&
      button !== undefined && { OriginalRepliedMessageSid: answers, OriginalRepliedMessageSender: to }),
  }
}
