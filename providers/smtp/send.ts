import type { SendMailOptions, SMTPPoolSentMessageInfo } from 'nodemailer'
import type { Receipt } from '#src/contract/provider.ts'
import { unsubscribeHeaders } from '#src/contract/unsubscribe-headers.ts'
import { type OfCopies, ProviderError, withOthers } from '#src/model/errors.ts'
import { hiddenOf } from '#src/model/hidden.ts'
import { addressOf, domainOf, keptAddress, mailboxOf } from '#src/model/mailbox.ts'
import type { OutgoingEmail, OutgoingMessage } from '#src/model/message.ts'
import { publicReason } from '#src/model/public-reason.ts'
import { bytesInPieces, textInPieces } from './in-pieces.ts'
import type { SmtpMailer } from './mailer.ts'
import { type Reports, refusesSender, reportsOf } from './reports.ts'
import { breaksTrust, refusedAmong, type Said, sendError } from './send-error.ts'

/** Sends one email under a Message-ID of ours, the same on every attempt: SMTP knows no other way to find doubles. */
export function smtpSend({
  mailer,
  reports = reportsOf({}, () => undefined),
  from: defaultFrom,
  now,
}: {
  mailer: SmtpMailer
  /** Undefined: none are asked for, since nobody reads them. */
  reports?: Reports
  /** The default sender, `a@b` or `Name <a@b>`. */
  from: string
  now: () => Date
}): (message: OutgoingMessage) => Promise<Receipt> {
  return async (message) => {
    if (message.channel !== 'email') throw new ProviderError('smtp', 'permanent', 'smtp: sends only email')
    const from = message.from ?? defaultFrom
    const sender = addressOf(from)
    if (!sender) throw new ProviderError('smtp', 'permanent', 'smtp: the sender is not an email address')
    const messageId = `${message.id}@${domainOf(sender)}`
    const to = recipients(message)
    const hidden = hiddenOf(message, mailer.secrets)
    const said = { sender, recipient: addressOf(message.to) ?? message.to, hidden }
    const dsn = reports.askedOf(message.id, to)
    const mail = { ...mailOf(message, from), date: now(), messageId: `<${messageId}>`, ...(dsn && { dsn }) }
    const returnedTo = (path: string) =>
      deliver(mailer, { ...mail, envelope: { from: path, to } }, { ...said, sender: path })
    const info = await byReturnPath(reports, message.id, sender, returnedTo)
    const refused = refusedAmong(info, said)
    const asked = reports.asked(info.ehlo)
    const [main] = info.envelope.to
    const copies: OfCopies = {
      reached: (info.accepted ?? []).filter((recipient) => recipient !== main).map(keptAddress),
      refused: refused.filter(({ recipient }) => recipient !== main),
    }
    const missed = refused.find(({ recipient }) => recipient === main)?.error
    if (missed) throw withOthers(missed, copies)
    return {
      providerMessageId: messageId,
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      sender,
      ...(copies.refused.length > 0 ? { copies } : {}),
      raw: {
        response: publicReason(info.response ?? '', hidden),
        ...(asked !== undefined && { reportsAsked: asked }),
      },
    }
  }
}

/** The envelope is given and never read from headers: Bcc stays out of them, and no header can add a recipient. */
function recipients({ to, cc = [], bcc = [], reached = [] }: OutgoingEmail): string[] {
  const addresses = [to, ...cc, ...bcc].map((mailbox) => addressOf(mailbox))
  const valid = addresses.filter((address) => address !== undefined)
  if (valid.length < addresses.length)
    throw new ProviderError('smtp', 'permanent', 'smtp: a recipient is not one email address')
  return [...new Set(valid)].filter((address) => !reached.includes(keptAddress(address)))
}

/** By the return path, or, where the server refuses that sender, at once by the mail's own. */
async function byReturnPath(
  reports: Reports,
  messageId: string,
  sender: string,
  deliverBy: (path: string) => Promise<SMTPPoolSentMessageInfo>,
): Promise<SMTPPoolSentMessageInfo> {
  const path = reports.returnPathOf(messageId)
  if (path === undefined) return deliverBy(sender)
  try {
    return await deliverBy(path)
  } catch (error) {
    if (!refusesSender(error)) throw error
    const info = await deliverBy(sender)
    reports.pathRefused()
    return info
  }
}

async function deliver(
  mailer: SmtpMailer,
  mail: SendMailOptions,
  said: Said,
): Promise<SMTPPoolSentMessageInfo> {
  let handedOver = false
  try {
    await mailer.verify()
    return await mailer.send(mail, () => {
      handedOver = true
    })
  } catch (error) {
    if (breaksTrust(error)) mailer.distrust()
    throw sendError(error, handedOver, said)
  }
}

/** Taken apart here, and put together by nodemailer: of a text it would take `Equipe: Max <a@b>` for a group. */
function header(mailbox: string): { name: string; address: string } {
  const { name = '', address = mailbox } = mailboxOf(mailbox) ?? {}
  return { name, address }
}

/**
 * Each as one line: folded, the signature of a relay does not cover it for some receivers
 * (https://github.com/nodemailer/nodemailer/issues/1654). `list` of nodemailer writes them wrongly.
 */
function oneLine(headers: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, { prepared: true, foldLines: false, value }]),
  )
}

function mailOf(message: OutgoingEmail, from: string): SendMailOptions {
  return {
    from: header(from),
    to: header(message.to),
    cc: message.cc?.map(header),
    replyTo: message.replyTo === undefined ? undefined : header(message.replyTo),
    subject: message.subject,
    html: textInPieces(message.html),
    text: textInPieces(message.text),
    headers: { 'X-Message-Ref': message.id, ...oneLine(unsubscribeHeaders(message)) },
    attachments: message.attachments?.map(({ filename, content, contentType, cid }) => ({
      filename,
      content: bytesInPieces(content),
      contentType,
      ...(cid !== undefined && { cid, contentDisposition: 'inline' as const }),
    })),
  }
}
