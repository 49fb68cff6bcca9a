import PostalMime, { type Email } from 'postal-mime'
import { addressIn, type Fields, fieldBlocks, statusIn } from './report-fields.ts'
import { mostRecipients, type Report, type ReportedRecipient } from './reported.ts'
import { textReport } from './text-report.ts'

const deliveryStatus = 'message/delivery-status'
const feedbackReport = 'message/feedback-report'
const returnedTypes = ['text/rfc822-headers', 'message/rfc822-headers', 'message/rfc822']
/** Where a mail server writes whom it delivered to. */
const deliveredTo = ['to', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-delivered-to']

/** The report that a mail is; undefined: it is something else, such as what a person or an absence wrote. */
export async function reportOf(mail: Uint8Array): Promise<Report | undefined> {
  const email = await PostalMime.parse(mail, { attachmentEncoding: 'utf8', forceRfc822Attachments: true })
  if (!isReport(email)) return undefined
  const delivery = partOf(email, deliveryStatus)
  const complaint = partOf(email, feedbackReport)
  const told = complaint ?? delivery
  const text =
    told === undefined ? textReport(email.text ?? '', header(email, 'x-failed-recipients')) : undefined
  if (told === undefined && !text) return undefined
  const [first = {}, ...others] = fieldBlocks(told ?? '')
  const returned = returnedOf(email, text?.returned)
  const about = first['final-recipient'] === undefined ? others : [first, ...others]
  return {
    kind: complaint === undefined ? 'delivery' : 'complaint',
    id: email.messageId,
    at: timeIn(email.date),
    returnPaths: [
      ...deliveredTo.flatMap((name) => header(email, name) ?? []),
      ...[first['original-mail-from'], returned['return-path'], first['x-postfix-sender']],
    ].flatMap((path) => path ?? []),
    envelopeId: first['original-envelope-id'],
    reportingServer: typed(first['reporting-mta']),
    returned,
    words: email.text ?? '',
    recipients: (
      text?.recipients ?? (complaint === undefined ? about.flatMap(recipientIn) : complainedOf(first))
    ).slice(0, mostRecipients),
  }
}

/** Only what a machine sends as a report is one: a person may forward one, or quote it. */
function isReport(email: Email): boolean {
  const type = header(email, 'content-type') ?? ''
  return /^\s*multipart\/report\b/i.test(type) || byMailServer(email)
}

function byMailServer(email: Email): boolean {
  const path = header(email, 'return-path')
  const from = email.from?.address ?? ''
  return path === '<>' || /^(?:mailer-daemon|postmaster|mail-daemon)@/i.test(from)
}

function partOf(email: Email, type: string): string | undefined {
  const part = email.attachments.find(({ mimeType }) => mimeType.toLowerCase() === type)
  return typeof part?.content === 'string' ? part.content : undefined
}

function returnedOf(email: Email, quoted: string | undefined): Fields {
  const parts = returnedTypes.map((type) => partOf(email, type))
  return fieldBlocks(parts.find((part) => part !== undefined) ?? quoted ?? '')[0] ?? {}
}

function recipientIn(fields: Fields): ReportedRecipient[] {
  const named = addressIn(fields['original-recipient'])
  const status = statusIn(fields.status)
  const action = /^[a-z]+/.exec(fields.action?.toLowerCase() ?? '')?.[0] ?? actionOf(status)
  if (action === undefined) return []
  return [
    {
      address: addressIn(fields['final-recipient']) ?? named,
      named,
      action,
      status,
      diagnostic: fields['diagnostic-code'],
      remoteServer: typed(fields['remote-mta']),
      attemptedAt: timeIn(fields['last-attempt-date']),
    },
  ]
}

/** Where it says only how it went: that it went well proves no more than that it was handed on. */
function actionOf(status: string | undefined): string | undefined {
  if (status === undefined) return undefined
  return status.startsWith('5') ? 'failed' : status.startsWith('4') ? 'delayed' : 'relayed'
}

function complainedOf(fields: Fields): ReportedRecipient[] {
  const of = { named: undefined, status: undefined, diagnostic: undefined, remoteServer: undefined }
  const action = fields['feedback-type']?.toLowerCase() ?? ''
  const attemptedAt = timeIn(fields['received-date'] ?? fields['arrival-date'])
  return [{ ...of, address: addressIn(fields['original-rcpt-to']), action, attemptedAt }]
}

function header({ headers }: Email, name: string): string | undefined {
  const values = headers.filter(({ key }) => key === name).map(({ value }) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

/** `dns; mail.example`: what it is, without its kind. */
function typed(value: string | undefined): string | undefined {
  return value?.slice(value.indexOf(';') + 1).trim() || undefined
}

function timeIn(value: string | undefined): Date | undefined {
  const time = new Date(value ?? Number.NaN)
  return Number.isNaN(time.getTime()) ? undefined : time
}
