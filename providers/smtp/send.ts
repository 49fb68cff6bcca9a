import type { SendMailOptions, SMTPPoolSentMessageInfo } from 'nodemailer'
import type { Receipt } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenOf } from '#src/model/hidden.ts'
import { addressOf, domainOf } from '#src/model/mailbox.ts'
import type { OutgoingEmail, OutgoingMessage } from '#src/model/message.ts'
import { publicReason } from '#src/model/public-reason.ts'
import type { SmtpMailer } from './mailer.ts'
import { bytesInPieces, textInPieces } from './pieces.ts'
import { breaksTrust, refusedRecipient, type Said, sendError } from './send-error.ts'

/** Sends one email under a Message-ID of ours, the same on every attempt: SMTP knows no other way to find doubles. */
export function smtpSend(
  mailer: SmtpMailer,
  defaultFrom: string,
): (message: OutgoingMessage) => Promise<Receipt> {
  return async (message) => {
    if (message.channel !== 'email') throw new ProviderError('smtp', 'permanent', 'smtp: sends only email')
    const from = message.from ?? defaultFrom
    const sender = addressOf(from)
    if (!sender) throw new ProviderError('smtp', 'permanent', 'smtp: the sender is not an email address')
    const messageId = `${message.id}@${domainOf(sender)}`
    const envelope = { from: sender, to: recipients(message) }
    const hidden = hiddenOf(message, mailer.secrets)
    const mail = { ...mailOf(message, from), messageId: `<${messageId}>`, envelope }
    const said = { sender, recipient: addressOf(message.to) ?? message.to, hidden }
    const info = await deliver(mailer, mail, said)
    const refused = refusedRecipient(info, said)
    if (refused) throw refused
    return {
      providerMessageId: messageId,
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      sender,
      raw: { response: publicReason(info.response ?? '', hidden) },
    }
  }
}

/** The envelope is given and never read from headers: Bcc stays out of them, and no header can add a recipient. */
function recipients({ to, cc = [], bcc = [] }: OutgoingEmail): string[] {
  const addresses = [to, ...cc, ...bcc].map((mailbox) => addressOf(mailbox))
  const valid = addresses.filter((address) => address !== undefined)
  if (valid.length < addresses.length)
    throw new ProviderError('smtp', 'permanent', 'smtp: a recipient is not one email address')
  return [...new Set(valid)]
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

function mailOf(message: OutgoingEmail, from: string): SendMailOptions {
  return {
    from,
    to: message.to,
    cc: message.cc,
    replyTo: message.replyTo,
    subject: message.subject,
    html: textInPieces(message.html),
    text: textInPieces(message.text),
    date: message.createdAt,
    headers: { 'X-Message-Ref': message.id },
    attachments: message.attachments?.map(({ filename, content, contentType }) => ({
      filename,
      content: bytesInPieces(content),
      contentType,
    })),
  }
}
