import { randomBytes } from 'node:crypto'
import { credentials } from '../credentials.ts'
import { createRecent, type Recent } from '../recent.ts'
import type { Button, ContentRecord } from './content-record.ts'

/** One message in Twilio's own books, in or out. */
export interface TwilioRecord {
  sid: string
  direction: 'outbound-api' | 'inbound'
  /** As in the API: `whatsapp:+…` or `+…`; null while a Messaging Service has not picked a sender. */
  from: string | null
  to: string
  body: string
  /** The quick replies of a template. */
  buttons: Button[]
  media: number
  service: string | null
  statusCallback: string | null
  status: string
  errorCode: number | null
  createdAt: Date
  sentAt: Date | null
  updatedAt: Date
}

/** Everything Twilio remembers. */
export interface TwilioBooks {
  records: Recent<TwilioRecord>
  /** `from to` of the SMS pairs that a STOP has cut. */
  stopped: Recent<true>
  contents: Recent<ContentRecord>
}

export function createBooks(): TwilioBooks {
  return { records: createRecent(), stopped: createRecent(), contents: createRecent() }
}

export function isWhatsApp(address: string): boolean {
  return address.startsWith('whatsapp:')
}

export function newSid(): string {
  return `SM${randomBytes(16).toString('hex')}`
}

/** The record as the REST API shows it: numbers as strings, dates in RFC 2822, every field present. */
export function resource(record: TwilioRecord) {
  const { accountSid } = credentials.twilio
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${record.sid}`
  const waiting = record.from === null
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: record.body,
    date_created: rfc2822(record.createdAt),
    date_sent: record.sentAt && rfc2822(record.sentAt),
    date_updated: rfc2822(record.updatedAt),
    direction: record.direction,
    error_code: record.errorCode,
    error_message: null,
    from: record.from,
    messaging_service_sid: record.service,
    num_media: String(record.media),
    num_segments: waiting ? '0' : segments(record),
    price: null,
    price_unit: null,
    sid: record.sid,
    status: record.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: record.to,
    uri: `${uri}.json`,
  }
}

function segments(record: TwilioRecord): string {
  if (isWhatsApp(record.to)) return '1'
  // Close to GSM-7: what is not in it halves what fits in a segment.
  const gsm = /^[\w\s@£$¥èéùìòÇØøÅåÆæßÉ!"#%&'()*+,./:;<=>?¡ÄÖÑÜ§¿äöñüà-]*$/.test(record.body)
  const [one, many] = gsm ? [160, 153] : [70, 67]
  return String(record.body.length <= one ? 1 : Math.ceil(record.body.length / many))
}

function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000')
}
