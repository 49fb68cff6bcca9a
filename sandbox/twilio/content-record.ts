import { randomBytes } from 'node:crypto'
import { credentials } from '../credentials.ts'
import type { ContentOrder, ContentTypes } from './content-order.ts'

/** What WhatsApp says of one content. */
export interface Approval {
  name: string
  category: string
  status: 'received' | 'pending' | 'approved' | 'rejected'
  rejectionReason: string
}

/** One content in Twilio's books. */
export interface ContentRecord {
  sid: string
  friendlyName: string
  language: string
  variables: Record<string, string>
  types: ContentTypes
  approval: Approval | undefined
  createdAt: Date
}

export interface Button {
  title: string
  id: string
}

export function opened(order: ContentOrder, now: Date): ContentRecord {
  const { friendly_name: friendlyName, language, variables, types } = order
  const sid = `HX${randomBytes(16).toString('hex')}`
  return { sid, friendlyName, language, variables, types, approval: undefined, createdAt: now }
}

/** As the Content API shows it: addresses with the real host, dates in ISO 8601. */
export function contentResource({ sid, friendlyName, language, variables, types, createdAt }: ContentRecord) {
  const url = `https://content.twilio.com/v1/Content/${sid}`
  return {
    sid,
    account_sid: credentials.twilio.accountSid,
    friendly_name: friendlyName,
    language,
    variables,
    types,
    url,
    date_created: isoOf(createdAt),
    date_updated: isoOf(createdAt),
    links: {
      approval_create: `${url}/ApprovalRequests/whatsapp`,
      approval_fetch: `${url}/ApprovalRequests`,
    },
  }
}

/** The richest kind that it has: on WhatsApp that one is shown. */
export function contentType({ types }: ContentRecord): 'twilio/quick-reply' | 'twilio/text' {
  return types['twilio/quick-reply'] ? 'twilio/quick-reply' : 'twilio/text'
}

/** The text and the buttons of one message; channels without quick replies get the plain text. */
export function shownContent(
  { types }: ContentRecord,
  values: Readonly<Record<string, string>>,
  onWhatsApp: boolean,
): { body: string; buttons: Button[] } {
  const filled = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_match, name: string) => values[name] ?? '')
  const { 'twilio/text': plain, 'twilio/quick-reply': reply } = types
  if (!reply || (!onWhatsApp && plain)) return { body: filled(plain?.body ?? ''), buttons: [] }
  const buttons = reply.actions.map(({ title, id = title }) => ({ title, id: filled(id) }))
  return { body: filled(reply.body), buttons: onWhatsApp ? buttons : [] }
}

function isoOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
