import type { Consent } from '#src/model/consent.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import type { EventReading, EventType, Inbound } from '#src/model/event.ts'
import { type Hidden, hiddenTexts } from '#src/model/hidden.ts'
import { perObject } from '#src/model/per-object.ts'
import { publicReason } from '#src/model/public-reason.ts'
import { addressIn, carriedBy, personIn } from './address.ts'
import { cameWith } from './came-with.ts'
import { failureReason, suppresses } from './error-codes.ts'
import { valuesOf } from './form.ts'

/**
 * Twilio's statuses that we know. `partially_delivered` is left out: it is deprecated and says that a part did not
 * arrive, which must not be shown as delivered. `receiving` and `received` are an inbound message's own statuses.
 */
const statuses = new Map<string, EventType>([
  ['accepted', 'queued'],
  ['scheduled', 'queued'],
  ['queued', 'queued'],
  ['sending', 'queued'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
])

/**
 * What Advanced Opt-Out understood, in the keywords of whichever language:
 * https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
 */
const optOuts = new Map<string, Consent>([
  ['STOP', 'withdrawn'],
  ['START', 'given'],
])

/** Those that say why, as a rule. */
const mayHaveCode = new Set(['undelivered', 'failed'])

/** What one form is about: a message of ours, a customer's message, or something else. */
export type Kind =
  | { of: 'status'; sid: string; status: string; code: string | undefined }
  | { of: 'inbound'; sid: string }
  | { of: 'other' }

/** What Twilio's status word means in ours. */
export function statusType(status: string): EventType {
  return statuses.get(status) ?? 'unknown'
}

/**
 * Tells status callbacks from inbound messages by MessageStatus alone (by SmsStatus on callbacks of the old kind):
 * captured `sent` callbacks carry a Body too. https://www.twilio.com/docs/messaging/guides/webhook-request
 */
export function kindOf(raw: unknown): Kind {
  const fields = fieldsOf(raw)
  const sid = fields.get('MessageSid') ?? fields.get('SmsSid')
  if (sid === undefined) return { of: 'other' }
  const legacy = fields.get('SmsStatus')
  const status =
    fields.get('MessageStatus') ?? (legacy === 'received' || legacy === 'receiving' ? undefined : legacy)
  if (status !== undefined) return { of: 'status', sid, status, code: codeIn(fields) }
  return fields.has('From') ? { of: 'inbound', sid } : { of: 'other' }
}

/**
 * The id of one fact, the same whether a callback or the API told it; undefined where it has none of its own. Several
 * callbacks share one MessageSid, so the status is part of it (simstudioai/sim#5230).
 */
export function factId(kind: Kind): string | undefined {
  if (kind.of === 'other') return undefined
  if (kind.of === 'inbound') return `${kind.sid}:received`
  // An inbound message may raise a callback `received` of its own, which must not pass for the message.
  if (kind.status === 'received') return `${kind.sid}:status:received`
  // A failure may be told again with its code: that is news (RestComm/Restcomm-Connect, PR 2974).
  const bare = mayHaveCode.has(kind.status) && kind.code === undefined
  return `${kind.sid}:${kind.status}${bare ? ':no_code' : ''}`
}

/**
 * One form as an event. Twilio sends no clock: RawDlrDoneDate exists on some SMS, but without a time zone
 * (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status), so our receipt stands in. Throws UnreadableItem.
 */
export function readingOf(raw: unknown): EventReading {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new UnreadableItem('twilio: neither a form nor a JSON object')
  const fields = fieldsOf(raw)
  const kind = kindOf(raw)
  if (kind.of === 'other') return { type: 'unknown', providerType: 'unknown' }
  const { channel, via } = carriedBy(fields)
  const common = { channel, via, messageId: fields.get('m'), providerMessageId: kind.sid }
  if (kind.of === 'inbound') {
    const recipient = addressIn(fields.get('To'))
    // Messenger and the like: not a channel of ours, so that there is nobody to answer.
    if (channel === undefined)
      return { ...common, type: 'unknown', providerType: `received by ${via}`, recipient }
    return {
      ...common,
      type: 'received',
      providerType: 'received',
      recipient,
      alias: personIn('From', fields).alias,
      inbound: inboundOf(fields),
      consent: optOuts.get(fields.get('OptOutType') ?? ''),
    }
  }
  const type = statusType(kind.status)
  return {
    ...common,
    ...personIn('To', fields),
    type,
    providerType: kind.status,
    ...(type === 'failed' ? failureOf(kind.status, fields) : {}),
  }
}

function fieldsOf(raw: unknown): ReadonlyMap<string, string> {
  return typeof raw === 'object' && raw !== null ? fieldsOfForm(raw) : new Map()
}

/** The fields that say something, of a repeated one its first value; none where it is another JSON than a form. */
const fieldsOfForm = perObject((raw: object): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>()
  const given: [string, unknown][] = Object.entries(raw)
  for (const [name, value] of given) {
    if (!isFormValue(value)) return new Map()
    const [first] = valuesOf(value)
    if (first) fields.set(name, first)
  }
  return fields
})

// By hand: a schema's copy of the form was a seventh of all memory that a webhook took.
function isFormValue(value: unknown): value is string | string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
}

function failureOf(
  status: string,
  fields: ReadonlyMap<string, string>,
): Pick<EventReading, 'code' | 'reason' | 'bounceClass' | 'consent'> {
  if (status === 'canceled') return { reason: 'canceled before it was sent' }
  const code = codeIn(fields)
  const words = fields.get('ChannelStatusMessage') ?? fields.get('ErrorMessage') ?? ''
  if (code === undefined) {
    const told = publicReason(words, hiddenIn(fields))
    return { reason: told ? `${status}: ${told}` : `${status} without an error code` }
  }
  return {
    code,
    reason: failureReason(code, words, hiddenIn(fields)),
    bounceClass: suppresses(code) === 'nobody' ? 'hard' : undefined,
    consent: suppresses(code) === undefined ? undefined : 'withdrawn',
  }
}

function codeIn(fields: ReadonlyMap<string, string>): string | undefined {
  const code = fields.get('ErrorCode')
  return code === '0' ? undefined : code
}

/** What a callback tells of its message: captured ones carry its text. */
function hiddenIn(fields: ReadonlyMap<string, string>): Hidden {
  return hiddenTexts([fields.get('Body') ?? ''], [])
}

function inboundOf(fields: ReadonlyMap<string, string>): Inbound {
  return {
    sender: personIn('From', fields).recipient ?? addressIn(fields.get('From')) ?? '',
    recipient: addressIn(fields.get('To')) ?? '',
    ...cameWith(fields),
    // A list picker's choice comes as ListId; the documented table names ButtonPayload only.
    buttonPayload: fields.get('ButtonPayload') ?? fields.get('ListId'),
    repliedTo: fields.get('OriginalRepliedMessageSid'),
  }
}
