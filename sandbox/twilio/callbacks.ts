import { credentials } from '../credentials.ts'
import { play, type Step } from '../play.ts'
import type { Story } from '../stories.ts'
import type { World } from '../world.ts'
import { customerReply } from './inbound.ts'
import { isWhatsApp, type TwilioBooks, type TwilioRecord } from './record.ts'
import { retryOf, signedForm } from './signed.ts'

interface Turn {
  status: string
  errorCode?: number
}

/** Lets a message's story happen, calling its StatusCallback; resolves when the API may answer. */
export function playMessage(
  world: World,
  books: TwilioBooks,
  record: TwilioRecord,
  story: Story,
): Promise<void> {
  const steps = turns(books, record, story).map((turn) => step(world, record, turn))
  return play(world, story, steps, () => customerReply(world, books, record, story))
}

/** The statuses after the first one, which the API's answer tells: twilio.com/docs/messaging/guides (STAT). */
function turns(books: TwilioBooks, record: TwilioRecord, story: Story): Turn[] {
  const whatsApp = isWhatsApp(record.to)
  const before = record.service ? [{ status: 'queued' }] : []
  const stopped = books.stopped.get(`${senderOf(record)} ${record.to}`)
  if (stopped) return [...before, { status: 'failed', errorCode: 21610 }]
  if (story === 'no-account') return [...before, { status: 'failed', errorCode: whatsApp ? 63003 : 30005 }]
  if (story === 'undelivered')
    return [...before, { status: 'sent' }, { status: 'undelivered', errorCode: 30003 }]
  const after = whatsApp ? [{ status: 'read' }] : []
  return [...before, { status: 'sent' }, { status: 'delivered' }, ...after]
}

function step(world: World, record: TwilioRecord, turn: Turn): Step {
  return {
    happen() {
      record.from = senderOf(record)
      record.status = turn.status
      record.errorCode = turn.errorCode ?? null
      record.updatedAt = world.now()
      if (turn.status === 'sent') record.sentAt = record.updatedAt
    },
    async tell() {
      const { statusCallback } = record
      if (statusCallback === null) return
      const delivery = signedForm(statusCallback, callbackForm(record, turn, world.now()), turn.status)
      await world.post.send(delivery, retryOf(statusCallback, Math.min(world.delayMs, 500)))
    },
  }
}

/** The number that a Messaging Service picks. */
function senderOf(record: TwilioRecord): string {
  const { whatsappFrom, smsFrom } = credentials.twilio
  return record.from ?? (isWhatsApp(record.to) ? whatsappFrom : smsFrom)
}

/** The real parameters: no clock among them, and no Body. */
function callbackForm(record: TwilioRecord, turn: Turn, now: Date): Record<string, string> {
  return {
    ...(isWhatsApp(record.to) ? whatsAppFields(record, turn) : receiptClock(turn, now)),
    ...(record.service && { MessagingServiceSid: record.service }),
    ...(turn.errorCode && { ErrorCode: String(turn.errorCode) }),
    SmsSid: record.sid,
    SmsStatus: turn.status,
    MessageStatus: turn.status,
    To: record.to,
    MessageSid: record.sid,
    AccountSid: credentials.twilio.accountSid,
    From: senderOf(record),
    ApiVersion: '2010-04-01',
  }
}

function whatsAppFields(record: TwilioRecord, { status, errorCode }: Turn): Record<string, string> {
  const told = ['delivered', 'read', 'undelivered'].includes(status)
  return {
    ChannelPrefix: 'whatsapp',
    ChannelInstallSid: `XE${'5a4db0c5'.repeat(4)}`,
    ChannelToAddress: `${record.to.slice('whatsapp:'.length, -4)}XXXX`,
    StructuredMessage: 'false',
    ...(told && { EventType: status.toUpperCase() }),
    ...(errorCode && { ChannelStatusMessage: 'Message undeliverable' }),
  }
}

/** SMS receipts carry the carrier's minute, `YYMMDDhhmm`, with no time zone. */
function receiptClock({ status }: Turn, now: Date): Record<string, string> {
  if (status !== 'delivered' && status !== 'undelivered') return {}
  return { RawDlrDoneDate: now.toISOString().replaceAll(/\D/g, '').slice(2, 12) }
}
