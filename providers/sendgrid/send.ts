import { Client } from '@sendgrid/client'
import { MailService } from '@sendgrid/mail'
import { z } from 'zod'
import { answeredWithin, endedAfter, mostAnswerBytes, networkError } from '#src/contract/http.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { unsubscribeHeaders } from '#src/contract/unsubscribe-headers.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenOf } from '#src/model/hidden.ts'
import { keptAddress, mailboxOf } from '#src/model/mailbox.ts'
import type { OutgoingEmail, OutgoingMessage } from '#src/model/message.ts'
import { type Aside, createAside, type Mail } from './aside.ts'
import { sendError } from './send-error.ts'

const timeoutMs = 15_000

interface SendgridOptions {
  apiKey: string
  /** Without a trailing slash. */
  apiUrl: string
  /** The default sender, `a@b` or `Name <a@b>`. */
  from: string
  now: () => Date
  timeoutMs?: number
}

const header = z.string().nullish().catch(undefined)
const answer = z.object({
  statusCode: z.number(),
  body: z.unknown(),
  headers: z.object({ 'x-message-id': header, 'x-ratelimit-reset': header, 'content-type': header }),
})

/** Sends one email; our id travels as the custom argument `app_msg`, which every event brings back. */
export function sendgridSend(options: SendgridOptions): (message: OutgoingMessage) => Promise<Receipt> {
  const mail = new MailService()
  const aside = createAside()
  const { timeoutMs: waitMs = timeoutMs } = options
  mail.setClient(sendgridClient(options, aside))
  return async (message) => {
    if (message.channel !== 'email')
      throw new ProviderError('sendgrid', 'permanent', 'sendgrid: sends only email')
    const from = taken(message.from ?? options.from)
    const sending = aside.without(mailOf(message, from), (short) => mail.send(short))
    const response = answer.parse(
      (await answeredWithin('sendgrid', sending.catch(notAnswered), 2 * waitMs))[0],
    )
    if (response.statusCode >= 300)
      throw sendError(response, hiddenOf(message, [options.apiKey]), options.now())
    const messageId = response.headers['x-message-id']
    return {
      // Sandbox mode (200) may name no id; ours stands in, since the custom argument is what matches events.
      providerMessageId: messageId || message.id,
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      sender: from.email,
      raw: { statusCode: response.statusCode, messageId: messageId ?? null },
    }
  }
}

/** An own client: the default export of @sendgrid/mail is one object for the whole process. */
function sendgridClient(options: SendgridOptions, aside: Aside): Client {
  const client = new Client()
  // A default header and not setApiKey, which resets the base URL and prints to the console.
  client.setDefaultHeader('Authorization', `Bearer ${options.apiKey}`)
  const { timeoutMs: waitMs = timeoutMs } = options
  const request = {
    url: '',
    baseUrl: options.apiUrl,
    timeout: waitMs,
    // A redirect would carry the key elsewhere.
    maxRedirects: 0,
    maxContentLength: mostAnswerBytes,
    // Called with the request itself, before it goes out: the SDK takes a signal from nobody.
    transformRequest(this: { signal?: AbortSignal }, body: unknown) {
      this.signal = endedAfter(2 * waitMs)
      return aside.whole(body)
    },
    // Every status resolves: the SDK's own error builds a RegExp of the working directory (`/srv/c++` throws) and
    // carries the whole request.
    validateStatus: () => true,
  }
  client.setDefaultRequest(request)
  return client
}

/** Taken apart here: the SDK would leave the quotes of `"Name" <a@b>` in the name. */
function taken(mailbox: string): { email: string; name?: string } {
  const parsed = mailboxOf(mailbox)
  if (!parsed) throw new ProviderError('sendgrid', 'permanent', 'sendgrid: a sender is not an email address')
  return { email: parsed.address, ...(parsed.name !== undefined && { name: parsed.name }) }
}

/** A fresh object for each send: the SDK writes into its argument, and sends top-level `headers` as HTTP headers. */
function mailOf(message: OutgoingEmail, from: Mail['from']): Mail {
  const { cc, bcc } = copies(message)
  const [text, html] = [message.text ?? '', message.html ?? '']
  return {
    from,
    subject: message.subject,
    personalizations: [
      {
        to: message.to,
        ...(cc.length > 0 && { cc }),
        ...(bcc.length > 0 && { bcc }),
        // Here and not at the top, where SendGrid's specification wants a string.
        customArgs: { app_msg: message.id },
        // Here too: those at the top would also go out as headers of the request.
        ...(message.unsubscribeUrl !== undefined && { headers: unsubscribeHeaders(message) }),
      },
    ],
    ...(message.replyTo !== undefined && { replyTo: taken(message.replyTo) }),
    content: [
      ...(text !== '' || html === '' ? [{ type: 'text/plain', value: text }] : []),
      ...(html !== '' ? [{ type: 'text/html', value: html }] : []),
    ],
    ...(message.attachments?.length ? { attachments: attachments(message) } : {}),
    trackingSettings: {
      clickTracking: { enable: message.tracking.clicks, enableText: message.tracking.clicks },
      openTracking: { enable: message.tracking.opens },
      subscriptionTracking: { enable: false },
    },
  }
}

/** SendGrid refuses a message that names one address twice; who has it already gets it from nobody else. */
function copies(message: OutgoingEmail): { cc: string[]; bcc: string[] } {
  const seen = new Set([message.to, ...(message.reached ?? [])].map(keptAddress))
  const fresh = (address: string): boolean => {
    const known = seen.has(keptAddress(address))
    seen.add(keptAddress(address))
    return !known
  }
  return { cc: (message.cc ?? []).filter(fresh), bcc: (message.bcc ?? []).filter(fresh) }
}

/** SendGrid refuses a media type with parameters ("cannot contain ';'"). */
export function bareType(contentType: string): string {
  return contentType.replace(/\s*;[\s\S]*$/, '')
}

/** Named as the API has it: unlike the rest, what is attached is not renamed by the SDK. */
function attachments(message: OutgoingEmail): NonNullable<Mail['attachments']> {
  return (message.attachments ?? []).map(({ filename, content, contentType, cid }) => ({
    filename,
    content,
    ...(cid === undefined ? { disposition: 'attachment' } : { disposition: 'inline', content_id: cid }),
    ...(contentType !== undefined && { type: bareType(contentType) }),
  }))
}

/** Axios errors carry the key, the addresses and the body: only their code goes on. */
function notAnswered(error: unknown): never {
  throw networkError('sendgrid', error)
}
