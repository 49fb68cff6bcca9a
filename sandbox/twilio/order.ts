import { z } from 'zod'
import { credentials } from '../credentials.ts'
import { isLoopback } from '../loopback.ts'
import { placeholders } from './content-order.ts'
import { type Button, shownContent } from './content-record.ts'
import { isWhatsApp, type TwilioBooks } from './record.ts'

/** A form as express reads it; repeated keys become arrays. */
export const form = z.record(z.string(), z.union([z.string(), z.array(z.string())])).catch({})
export type Form = z.infer<typeof form>

/** A checked request to send. */
export interface Order {
  to: string
  from: string | null
  service: string | null
  body: string
  buttons: Button[]
  media: string[]
  contentSid: string | undefined
  contentVariables: string | undefined
  statusCallback: string | null
}

export interface Complaint {
  code: number
  value?: string
  hint?: string
}

const owned: readonly string[] = [
  credentials.twilio.whatsappFrom,
  credentials.twilio.smsFrom,
  '+33757000000',
  '+15005550008',
]
/** Documented magic numbers (twilio.com/docs/iam/test-credentials). */
const magicFrom = new Map([
  ['+15005550001', 21212],
  ['+15005550007', 21606],
  ['+15005550008', 21611],
])
const magicTo = new Map([
  ['+15005550001', 21211],
  ['+15005550002', 21612],
  ['+15005550003', 21408],
  ['+15005550004', 21610],
  ['+15005550009', 21614],
])
/** A number, or a WhatsApp user id of a person who hides it. */
const e164 = /^(?:(?:whatsapp:)?\+[1-9]\d{7,14}|whatsapp:[A-Z]{2}\.[A-Za-z0-9]{1,128})$/
const bodyLimit = 1_600

/** Reads a form as Twilio does: the first thing wrong is complained about. */
export function readOrder(fields: Form, books: TwilioBooks, baseUrl: string | undefined): Order | Complaint {
  const order: Order = {
    to: one(fields, 'To'),
    from: one(fields, 'From') || null,
    service: one(fields, 'MessagingServiceSid') || null,
    body: one(fields, 'Body'),
    buttons: [],
    media: [fields.MediaUrl ?? []].flat(),
    contentSid: one(fields, 'ContentSid') || undefined,
    contentVariables: one(fields, 'ContentVariables') || undefined,
    statusCallback: one(fields, 'StatusCallback') || null,
  }
  const complaint = ends(order, books) ?? content(order, books) ?? callback(order.statusCallback, baseUrl)
  return complaint ?? { ...order, ...templated(order, books) }
}

/** What a template makes of the message: its text, and its buttons. */
function templated({ contentSid, contentVariables, to }: Order, books: TwilioBooks) {
  const record = books.contents.get(contentSid ?? '')
  return record && shownContent(record, valuesOf(contentVariables) ?? {}, isWhatsApp(to))
}

function one(fields: Form, name: string): string {
  return [fields[name] ?? ''].flat()[0] ?? ''
}

function ends({ to, from, service }: Order, books: TwilioBooks): Complaint | undefined {
  if (!to) return { code: 21604 }
  if (!from && !service) return { code: 21603 }
  if (!e164.test(to)) return { code: 21211, value: to }
  const magic = magicTo.get(to)
  if (magic) return { code: magic, value: to }
  if (service && service !== credentials.twilio.messagingServiceSid) return { code: 21705, value: service }
  return from ? sender(from, to, service, books) : undefined
}

function sender(from: string, to: string, service: string | null, books: TwilioBooks): Complaint | undefined {
  const magic = magicFrom.get(from)
  if (magic) return { code: magic, value: from }
  if (isWhatsApp(from) !== isWhatsApp(to)) return { code: 21910 }
  if (!e164.test(from)) return { code: 21212, value: from }
  if (!owned.includes(from)) return { code: isWhatsApp(from) ? 63007 : 21606, value: from }
  if (!service && books.stopped.get(`${from} ${to}`)) return { code: 21610 }
  return undefined
}

function content(order: Order, books: TwilioBooks): Complaint | undefined {
  const { body, media, contentSid } = order
  if (!body && media.length === 0 && !contentSid) return { code: 21602 }
  // Twilio counts UTF-16 units, as JavaScript does.
  if (body.length > bodyLimit) return { code: 21617 }
  if (media.length > 10) return { code: 21623 }
  const bad = media.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
  if (bad !== undefined) return { code: 21620, value: bad }
  return contentSid ? template(contentSid, order, books) : undefined
}

/** The variables are a JSON text (twilio-node#1082), and exactly those of the template. */
function template(contentSid: string, order: Order, books: TwilioBooks): Complaint | undefined {
  const values = valuesOf(order.contentVariables)
  const record = books.contents.get(contentSid)
  if (values === undefined) return { code: 21656 }
  if (!record) return { code: 21655, value: contentSid }
  if (order.body || order.media.length > 0)
    return { code: 21656, hint: 'the real one takes it for free text: leave out Body and MediaUrl' }
  const names = placeholders(record.types)
  const wrong =
    [...names].find((name) => !values[name]) ?? Object.keys(values).find((name) => !names.has(name))
  return wrong === undefined ? undefined : { code: 21656, hint: `variable ${wrong} is missing or unknown` }
}

function valuesOf(text: string | undefined): Record<string, string> | undefined {
  try {
    return z.record(z.string(), z.string()).safeParse(JSON.parse(text ?? '{}')).data
  } catch {
    return undefined
  }
}

function callback(statusCallback: string | null, baseUrl: string | undefined): Complaint | undefined {
  if (statusCallback === null) return undefined
  const url = URL.parse(statusCallback)
  const valid = url && /^https?:$/.test(url.protocol) && !url.hostname.includes('_')
  if (!valid) return { code: 21609, value: statusCallback }
  // A sandbox must not reach out: only to this machine, or to the server it was told to serve.
  if (isLoopback(url.hostname) || (baseUrl !== undefined && url.host === URL.parse(baseUrl)?.host))
    return undefined
  return {
    code: 21609,
    value: statusCallback,
    hint: 'it only calls back this machine or its own BASE_URL; set BASE_URL to http://localhost:3000',
  }
}
