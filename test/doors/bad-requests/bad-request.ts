import type { Question } from '../ask.ts'
import { jwt } from '../jwt.ts'

/** A request that must be refused, and how. */
export interface BadRequest {
  /** What is wrong with it. */
  name: string
  question: Question | ((known: Known) => Question)
  status: number
  /** Our `error.code`. Undefined: Node's HTTP parser answers, before there is a request of ours. */
  code: string | undefined
  /** The fields that the answer must name, and no others. */
  paths?: string[]
}

/** What must be there before the bad requests come. */
export interface Known {
  /** The id of a message of tenant t2. */
  othersMessage: string
}

/** A key of tenant t1 that a good send has used. */
export const usedKey = 'used-before'

export const goodSms = { to: '+33612345685', body: 'Hi' }

export const goodEmail = { to: 'silent@example.com', subject: 'Hello', body: 'Hi' }

/** A token of tenant t1. */
export const t1 = jwt({ tenantId: 't1' })

/** A token without a tenant. */
export const everyTenant = jwt({ tenants: 'all' })

/** The headers of a good request. */
export const json = { Authorization: `Bearer ${t1}`, 'Content-Type': 'application/json' }

export const actionsPath = '/api/max/actions'

export const templatesPath = '/api/whatsapp/messages'

/** Every door of every provider. */
export const webhooks = [
  ...['/webhooks/sendgrid', '/api/webhooks/email/sendgrid', '/webhooks/resend', '/api/webhooks/email/resend'],
  ...['/webhooks/twilio-whatsapp', '/webhooks/twilio-sms', '/webhooks/twilio', '/api/whatsapp/incoming'],
  '/webhooks/greenapi',
]

export const sends = { sendEmail: goodEmail, sendSMS: goodSms, sendWhatsApp: goodSms }

export const sendNames = ['sendEmail', 'sendSMS', 'sendWhatsApp'] as const

/** A POST with a token; `headers` replace those of a good one. */
export function posted(
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = actionsPath,
): Question {
  return { method: 'POST', path, headers: { ...json, ...headers }, body }
}

/** An action in its envelope. */
export function action(name: string, params: unknown, headers: Record<string, string> = {}): Question {
  return posted(JSON.stringify({ action: name, params }), headers)
}

/** A request without a body. */
export function asked(path: string, token = t1, method = 'GET'): Question {
  return { method, path, headers: { Authorization: `Bearer ${token}` } }
}

/** A 400 that names these fields. */
export function invalid(name: string, question: BadRequest['question'], ...paths: string[]): BadRequest {
  return { name, question, status: 400, code: 'invalid_params', paths }
}

/** A refusal that names no field. */
export function refused(
  name: string,
  status: number,
  code: string,
  question: BadRequest['question'],
): BadRequest {
  return { name, question, status, code }
}

/** A send with one field that is wrong, which the answer must name. */
export function wrong(send: keyof typeof sends, field: string, value: unknown, path = field): BadRequest {
  const shown = JSON.stringify(value)?.slice(0, 60)
  return invalid(`${send} with ${path} ${shown}`, action(send, { ...sends[send], [field]: value }), path)
}

/** A JSON value within so many arrays. */
export function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

export function envelope(params: unknown): string {
  return JSON.stringify({ action: 'sendSMS', params })
}
