import { z } from 'zod'
import { jsonBody } from '#src/contract/json-body.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { unsubscribeHeaders } from '#src/contract/unsubscribe-headers.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenOf } from '#src/model/hidden.ts'
import { addressOf, domainOf, keptAddress } from '#src/model/mailbox.ts'
import type { OutgoingEmail, OutgoingMessage } from '#src/model/message.ts'
import type { ResendApi } from './api.ts'
import { believed, copiesTag } from './recipient.ts'
import { sendError } from './send-error.ts'
import type { TrackedDomains } from './tracked-domains.ts'

interface ResendOptions {
  api: ResendApi
  domains: TrackedDomains
  /** The default sender, `a@b` or `Name <a@b>`. */
  from: string
  now: () => Date
}

const acceptance = z.object({ id: z.string().min(1) })

/** Sends one email; our id travels as the tag `app_msg` and as the key under which Resend takes it only once. */
export function resendSend({
  api,
  domains,
  from,
  now,
}: ResendOptions): (message: OutgoingMessage) => Promise<Receipt> {
  return async (message) => {
    if (message.channel !== 'email')
      throw new ProviderError('resend', 'permanent', 'resend: sends only email')
    const sender = addressOf(message.from ?? from)
    if (!sender) throw new ProviderError('resend', 'permanent', 'resend: the sender is not an email address')
    const warnings = domains.warnings(domainOf(sender), message.tracking)
    const response = await api.ask('/emails', {
      body: await bodyOf(message, message.from ?? from),
      headers: { 'content-type': 'application/json', 'idempotency-key': message.id },
    })
    if (response.status >= 300) throw sendError(response, hiddenOf(message, [api.apiKey]), now())
    const accepted = acceptance.safeParse(response.json)
    if (!accepted.success) throw new ProviderError('resend', 'unknown', 'resend: answered without an id')
    return {
      providerMessageId: accepted.data.id,
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      sender,
      warnings,
      raw: { id: accepted.data.id },
    }
  }
}

/** Whom it goes to besides its recipient; who has it already gets it from nobody else. */
function copiesOf({ cc, bcc, reached = [] }: OutgoingEmail): Record<'cc' | 'bcc', string[] | undefined> {
  const lacking = (copies: string[] | undefined) => {
    const left = copies?.filter((address) => !reached.includes(keptAddress(address)))
    return left?.length ? left : undefined
  }
  return { cc: lacking(cc), bcc: lacking(bcc) }
}

/** Told again with each event, which does not say whom of several it is about. */
function copiesTagOf(message: OutgoingEmail, from: string): { name: string; value: string }[] {
  const { cc = [], bcc = [] } = copiesOf(message)
  if (cc.length + bcc.length === 0) return []
  return [{ name: copiesTag, value: believed({ to: message.to, cc, bcc }, from) }]
}

/**
 * The same bytes on every attempt: with another body the same key is an error. Tracking is not in it, because Resend
 * knows it only per domain.
 */
function bodyOf(message: OutgoingEmail, from: string): Promise<string | Blob> {
  return jsonBody({
    from,
    to: [message.to],
    ...copiesOf(message),
    reply_to: message.replyTo,
    subject: message.subject,
    headers: message.unsubscribeUrl === undefined ? undefined : unsubscribeHeaders(message),
    html: message.html,
    text: message.text,
    attachments: message.attachments?.map(({ filename, content, contentType, cid }) => ({
      filename,
      content,
      content_type: contentType,
      content_id: cid,
    })),
    tags: [{ name: 'app_msg', value: message.id }, ...copiesTagOf(message, from)],
  })
}
