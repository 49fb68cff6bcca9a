import { domainToASCII, domainToUnicode } from 'node:url'
import { domainOf, mailboxOf } from './mailbox.ts'
import type { OutgoingEmail, OutgoingMessage, OutgoingText } from './message.ts'
import { withoutEntities } from './readable.ts'

/** What nobody may read in an error, a log line, a row or an answer, also where a provider quotes it. */
export interface Hidden {
  /** Texts and names, each as a person reads it. */
  texts: readonly string[]
  /** Phone numbers, of digits alone. */
  numbers: readonly string[]
  /** Keys, tokens and passwords. */
  secrets: readonly string[]
}

/** Explanations quote the beginning of a text; markup stands between the words of a page. */
const longestText = 50_000
const longestPage = 200_000

/** What must not be told of a send: all that the message says, whom it goes to, and the `secrets` it is sent with. */
export function hiddenOf(message: OutgoingMessage, secrets: readonly string[]): Hidden {
  const texts = message.channel === 'email' ? emailTexts(message) : textTexts(message)
  const numbers = message.channel === 'email' ? [] : [message.to.replace(/\D/g, '')]
  const { unsubscribeUrl: link } = message.channel === 'email' ? message : {}
  return { texts, numbers, secrets: link === undefined ? secrets : [...secrets, link] }
}

/** The same where there is no message: for a record, a form, or a question that has only secrets. */
export function hiddenTexts(texts: readonly string[], secrets: readonly string[]): Hidden {
  return { texts: texts.map((text) => withoutEntities(text.slice(0, longestPage))), numbers: [], secrets }
}

function emailTexts(message: OutgoingEmail): string[] {
  const { to, cc = [], bcc = [], replyTo, from, subject, text, html, attachments = [] } = message
  const people = [to, ...cc, ...bcc, ...(replyTo === undefined ? [] : [replyTo])]
  return [
    subject,
    ...(text === undefined ? [] : [text.slice(0, longestText)]),
    ...(html === undefined ? [] : [htmlText(html.slice(0, longestPage))]),
    ...people.flatMap((mailbox) => [...whoseIs(mailbox), ...domainsOf(mailbox)]),
    // Without its domain, which is ours and what an operator must read where that is the trouble.
    ...(from === undefined ? [] : whoseIs(from)),
    ...attachments.flatMap(({ filename, cid }) => (cid === undefined ? [filename] : [filename, cid])),
  ]
}

function textTexts({ body, template, buttons = [] }: OutgoingText): string[] {
  return [
    body,
    ...Object.values(template?.variables ?? {}),
    ...buttons.flatMap(({ id, title }) => [id, title]),
  ]
}

/** The name of a mailbox, and what stands before its `@`. */
function whoseIs(mailbox: string): string[] {
  const { name = '', address } = mailboxOf(mailbox) ?? { address: mailbox }
  return [name, address.replace(/@[^@]*$/, '')]
}

/** As people write it, and as it travels. */
function domainsOf(mailbox: string): string[] {
  const domain = domainOf(mailboxOf(mailbox)?.address ?? mailbox)
  return [domain, domainToASCII(domain), domainToUnicode(domain)]
}

const attribute = /\b(?:href|src|alt|title)\s*=\s*("[^"]*"|'[^']*')/gi

/** What a page says: its words and its links, without markup. */
function htmlText(html: string): string {
  const shown = html
    .split(/<(?=\/?(?:style|script)\b)/i)
    .map((part) =>
      part.replace(/^(?:style|script)\b[\s\S]*$/i, '').replace(/^\/(?:style|script)\b[^>]*>/i, ''),
    )
    .join(' ')
  const words = shown.replace(/<[^<>]*>/g, (tag) =>
    [...tag.matchAll(attribute)].map(([, value]) => ` ${value} `).join(''),
  )
  return withoutEntities(words)
}
