import { createHash } from 'node:crypto'
import type { ReturnPaths } from '#src/contract/return-path.ts'
import { type EventReading, type MessageEvent, oneOfSeveral, providerEvent } from '#src/model/event.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import type { SentTo } from '#src/store/calls/mailboxes.ts'
import type { Report, ReportedRecipient } from './reported.ts'
import { type Subject, subjectOf } from './subject.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** The provider whose mails are reported on. */
const provider = 'smtp'
const longestKept = 500

/**
 * What a report says, an event for each recipient. Whoever can write to the mailbox can write a report: it counts for a message
 * whose id it knows, and there only for those whom that message went to. It withdraws nothing from anybody else.
 */
export async function reportEvents(
  report: Report,
  receivedAt: Date,
  tools: { paths: ReturnPaths | undefined; sentTo: (messageId: string) => Promise<SentTo | undefined> },
): Promise<MessageEvent[]> {
  const subject = subjectOf(report, tools.paths)
  const sent = subject.messageId === undefined ? undefined : await tools.sentTo(subject.messageId)
  return report.recipients.map((recipient) => {
    const verdict = verdictOf(report, recipient)
    const whose = sent ? ofMessage(subject, sent, recipient, verdict) : ofNobody(subject, recipient)
    const reading: EventReading = {
      ...verdict,
      providerType: recipient.action || 'unknown',
      channel: 'email',
      occurredAt: notBefore(sent?.createdAt, recipient.attemptedAt ?? report.at),
      ...whose,
    }
    const item = {
      id: idOf(report, subject, recipient),
      raw: rawOf(report, subject, recipient, verdict),
      receivedAt,
    }
    return providerEvent(provider, item, reading, 'dsn')
  })
}

/** Of a message that we sent: for its recipient and its copies, and for nobody whom it did not go to. */
function ofMessage(
  { messageId }: Subject,
  { recipient: main, copies }: SentTo,
  { address, named }: ReportedRecipient,
  { type, bounceClass }: Verdict,
): Partial<EventReading> {
  if (address === undefined)
    // Complaints may leave it out: of a mail with copies nobody knows whose it is.
    return { messageId, recipient: copies.length === 0 ? main : oneOfSeveral }
  const whose = keptAddress(address)
  const wrote = (to: string) => to === main || copies.includes(to)
  const alias = named === undefined ? whose : keptAddress(named)
  // Whom an alias stands for is for its own server to say: others may read it, so that one of them is gone says only so much.
  if (alias !== whose && wrote(alias))
    return { messageId, recipient: alias, bounceClass: bounceClass === 'hard' ? 'soft' : bounceClass }
  if (wrote(whose)) return { messageId, recipient: whose }
  return {
    messageId,
    recipient: whose,
    type: 'unknown',
    reason: `says ${type} of an address that the message did not go to`,
    bounceClass: undefined,
    consent: 'none',
  }
}

/** Of no message that we know: it lies parked, or is guessed where it names none, and nobody is silenced by it. */
function ofNobody(
  { providerMessageId, guess }: Subject,
  { address, named = address }: ReportedRecipient,
): Partial<EventReading> {
  const whose = named === undefined ? {} : { recipient: keptAddress(named) }
  return { ...whose, providerMessageId, guess: guess && named !== undefined, consent: 'none' }
}

/** The same however often the report is read, and for a report that is sent twice. */
function idOf({ id }: Report, subject: Subject, recipient: ReportedRecipient): string {
  const { address, named = address, action, status } = recipient
  const whose = subject.messageId ?? subject.providerMessageId
  // Two aliases may stand for one.
  const alias = named === address ? [] : [named]
  const parts = JSON.stringify([whose, address, action, status, id, ...alias])
  return `dsn:${createHash('sha256').update(parts).digest('hex')}`
}

/** Nothing is told of a message before it is made, whatever clock says so. */
function notBefore(made: Date | undefined, at: Date | undefined): Date | undefined {
  return made && at && at < made ? made : at
}

/** What the report says, without the mail that it returns and without what is quoted of it. */
function rawOf(
  report: Report,
  { by }: Subject,
  recipient: ReportedRecipient,
  { reason }: Verdict,
): Record<string, unknown> {
  const short = (text: string | undefined) => text?.slice(0, longestKept)
  return {
    report: report.kind,
    foundBy: by,
    action: recipient.action.slice(0, 100),
    status: recipient.status,
    diagnostic: reason,
    remoteServer: short(recipient.remoteServer),
    reportingServer: short(report.reportingServer),
    envelopeId: short(report.envelopeId),
    messageId: short(report.returned['message-id']),
    reportId: short(report.id),
  }
}
