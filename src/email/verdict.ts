import { decodeWords } from 'postal-mime'
import type { BounceClass, EventType } from '#src/model/event.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import { type About, aboutOf } from '#src/model/mail-reply.ts'
import { type PublicReason, publicReason } from '#src/model/public-reason.ts'
import { addressIn, statusIn } from './report-fields.ts'
import type { Report, ReportedRecipient } from './reported.ts'

/** What one report says of one recipient, in our words. */
export interface Verdict {
  type: EventType
  bounceClass?: BounceClass
  code?: string
  reason: PublicReason
}

const types = new Map<string, EventType>([
  ['delivered', 'delivered'],
  // Handed to a server that reports nothing, or to a list: nobody knows whether it arrived.
  ['relayed', 'sent'],
  ['expanded', 'sent'],
  ['delayed', 'deferred'],
  ['failed', 'bounced'],
])
/** What a complaint is called (RFC 5965 §7.3), and what older receivers call one. */
const complaints = new Set(['abuse', 'fraud', 'opt-out', 'opt-out-list'])

/** The report's word first, then its status: what is tried in vain for days ends as `failed` with a 4.x.x. */
export function verdictOf(report: Report, recipient: ReportedRecipient): Verdict {
  if (report.kind === 'complaint') {
    const complained = complaints.has(recipient.action)
    return { type: complained ? 'complained' : 'unknown', reason: said(report, recipient) }
  }
  const type = types.get(recipient.action) ?? 'unknown'
  const reason = said(report, recipient)
  const { code, status } = replyOf(recipient)
  const told = recipient.status !== undefined || statusIn(recipient.diagnostic) !== undefined
  const shown = {
    ...(replyCode(recipient) === undefined ? told && { code: status } : { code: `${code} ${status}` }),
    reason,
  }
  if (type !== 'bounced') return { type, ...shown }
  const bounceClass = bounceClassOf(report, recipient, reason.replace(linePrefix, ''))
  return bounceClass === 'ours' ? { type: 'failed', ...shown } : { type, bounceClass, ...shown }
}

/** A fault of ours says nothing of the address, and is not a bounce of it. */
function bounceClassOf(report: Report, recipient: ReportedRecipient, words: string): BounceClass | 'ours' {
  const { code, status } = replyOf(recipient)
  const about = aboutOf({
    code,
    status: isNobody(status, words) ? '5.1.1' : status,
    command: commandOf(report, recipient),
    login: false,
    words,
    namesSender: namesOnlySender(report, recipient),
  })
  if (about === 'message' && isTooLarge(code, status, words)) return 'blocked'
  return classes[about] ?? (isPolicy(status, words) ? 'blocked' : 'soft')
}

const classes: Partial<Record<About, BounceClass | 'ours'>> = {
  address: 'hard',
  moment: 'soft',
  sender: 'ours',
  us: 'ours',
  quota: 'ours',
}

/** What a status that says nothing, or only that it cannot be routed, leaves to the words. */
const nobodyWords =
  /\b(?:user|mailbox|recipient|account|address)\b(?: \w+){0,3} (?:unknown|not found|(?:does not|doesn't|doesn’t) exist)|\b(?:no such|unknown) (?:user|recipient|mailbox|address)|\bunrouteable address|\bno mailbox here|\butilisateur inconnu/i
const noDomainWords =
  /\bhost (?:or domain name )?not found|\bno such domain|\bdomain (?:does not|doesn't) exist/i

function isNobody(status: string, words: string): boolean {
  if (/\bsender|\bmail from\b/i.test(words)) return false
  if (status === '5.0.0') return nobodyWords.test(words) || noDomainWords.test(words)
  return status === '5.4.4' && noDomainWords.test(words)
}

const sizeWords = /\btoo (?:large|big)\b|\b(?:message|mail|file|attachment) size\b|\bsize limit|\btaille\b/i
const fullWords = /\b(?:mailbox|quota|storage|full)\b/i

/** The mail's fault: the next one may be smaller. Some tell it only by 552, which is a full mailbox too. */
function isTooLarge(code: number, status: string, words: string): boolean {
  if (/^5\.(?:3\.4|2\.3)$/.test(status)) return true
  return code === 552 && status === '5.0.0' && sizeWords.test(words) && !fullWords.test(words)
}

const policyWords =
  /\bspam|\bvirus|\bblock(?:ed|list)|\bblacklist|\bpolicy|\breputation|\bcontent|\bdenied|\bprohibit|\bunsolicited|\bsender/i

function isPolicy(status: string, words: string): boolean {
  // A mailbox and a system that are full are neither, whatever they say of their policy.
  if (/^5\.[23]\./.test(status)) return false
  return /^5\.[67]\./.test(status) || policyWords.test(words)
}

/** As a mail server replies, for all that is told: where there are only words, the status says what kind of reply it was. */
function replyOf(recipient: ReportedRecipient): { code: number; status: string } {
  const own = statusIn(recipient.diagnostic)
  const told = recipient.status
  const family = (told ?? own ?? String(replyCode(recipient) ?? '5')).slice(0, 1)
  const status = (told === undefined || /\.0\.0$/.test(told) ? own : told) ?? told ?? `${family}.0.0`
  return { code: codeOf(recipient, family), status }
}

/** By its status, where both are told and are at odds. */
function codeOf(recipient: ReportedRecipient, family: string): number {
  const code = replyCode(recipient)
  return code !== undefined && String(code)[0] === family ? code : Number(`${family}50`)
}

function replyCode({ diagnostic = '' }: ReportedRecipient): number | undefined {
  const [, code] = /^\s*smtp\s*;\s*(?:.*?\bsaid:\s*)?([245]\d\d)\b/is.exec(diagnostic) ?? []
  return code === undefined ? undefined : Number(code)
}

/** Postfix and Exim say it among the words for people; of several recipients nobody knows whose it is. */
function commandOf({ recipients, words }: Report, { diagnostic = '' }: ReportedRecipient): string {
  const told = recipients.length === 1 ? `${diagnostic} ${words}` : diagnostic
  const [, command = ''] =
    /\bin reply to ([A-Z]{4} (?:TO|FROM)|end of DATA|[A-Z]{4}) command|\bafter (RCPT TO|MAIL FROM|end of data|initial connection|EHLO|HELO)\b/i.exec(
      told.replace(/\s+/g, ' '),
    ) ?? []
  if (/^end of data$/i.test(command)) return '.'
  return /^(?:mail from|ehlo|helo)$/i.test(command) ? command.toUpperCase() : 'RCPT TO'
}

function namesOnlySender(
  { returned, returnPaths }: Report,
  { address, named, diagnostic = '' }: ReportedRecipient,
): boolean {
  const text = diagnostic.toLowerCase()
  const names = (one: string | undefined) => one !== undefined && text.includes(one.toLowerCase())
  const senders = [returned.from, returned.sender, ...returnPaths].map(addressIn)
  return senders.some(names) && !names(address) && !names(named)
}

/** Of words for people: their beginning says it. */
const longestRead = 2_000

/** What the server said, without what it quotes of the mail and without addresses. */
function said({ returned, words }: Report, { diagnostic, action }: ReportedRecipient): PublicReason {
  const text =
    diagnostic?.replace(/^\s*[\w-]+\s*;\s*/, '') ?? (action === 'failed' ? words.slice(0, longestRead) : '')
  return publicReason(text.replace(continued, '$1 '), hiddenTexts([decodeWords(returned.subject ?? '')], []))
}

/** Each line of a reply begins with these. */
const linePrefix = /(?<=^|\s)\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3}\b\s?)?/g
const continued = /\b(\d{3})-(?=\d\.\d)/g
