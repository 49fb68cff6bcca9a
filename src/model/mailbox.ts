import { domainToASCII } from 'node:url'

/*
 * The addresses and names of email (RFC 5322 §3.4), as people write them. Our own: nodemailer's parser guesses and refuses nothing
 * (`Equipe: Max <a@b.c>` becomes a group, which no From may be), and those that refuse, refuse that name too.
 */

export interface Mailbox {
  name: string | undefined
  address: string
}

const address = '[^<>\\s@,]+@[^<>\\s@,]+'
const named = new RegExp(`^(.*?)\\s*<(${address})>$`)
const bare = new RegExp(`^(${address}?)(?:\\s*\\(([^()"<>]*)\\))?$`)
const quoted = /"((?:[^"\\]|\\.)*)"/g
/** Quoted pieces and others: a quote that is not closed, or a further address, is neither. */
const name = /^(?:"(?:[^"\\]|\\.)*"|[^"<>])*$/

/** `Name <a@b>`, `"Na\"me" <a@b>`, `a@b (Name)` or `a@b`, taken apart; undefined where it is none. */
export function mailboxOf(text: string): Mailbox | undefined {
  const written = text.trim()
  if (/[\r\n]/.test(written)) return undefined
  const [, before, inside] = named.exec(written) ?? []
  if (before !== undefined && inside !== undefined)
    return name.test(before) ? { name: plain(before), address: inside } : undefined
  const [, alone, comment = ''] = bare.exec(written) ?? []
  return alone === undefined ? undefined : { name: plain(comment), address: alone }
}

/** The address of a mailbox; undefined where it is none. */
export function addressOf(text: string): string | undefined {
  return mailboxOf(text)?.address
}

/** The domain of an address, as it travels: in lower case and ASCII. */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  return ascii(domain) ?? domain
}

const atoms = "[\\w!#$%&'*+/=?^`{|}~-]+"
const local = new RegExp(`^${atoms}(?:\\.${atoms})*$`)
const host = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+(?=[a-z\d-]*[a-z])[a-z\d][a-z\d-]{0,61}[a-z\d]$/

/** An address that can be sent to (RFC 5321 §4.1.2), its domain in ASCII (`müller.de`: `xn--mller-kva.de`); undefined where it is none. */
export function sendableAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@')
  const [before, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (before.length > 64 || !local.test(before)) return undefined
  const travels = ascii(domain.toLowerCase())
  if (travels === undefined) return undefined
  const sendable = `${before}@${travels === domain.toLowerCase() ? domain : travels}`
  return sendable.length <= 254 ? sendable : undefined
}

/** The same in one case, as addresses are kept and compared; what cannot be sent to is kept as it came. */
export function keptAddress(text: string): string {
  const lower = text.toLowerCase()
  return sendableAddress(lower) ?? lower
}

/** A mailbox that can be sent from, as every provider understands it: its name in quotes where it needs them. */
export function sendableMailbox(text: string): string | undefined {
  const { name, address = '' } = mailboxOf(text) ?? {}
  const sendable = sendableAddress(address)
  if (sendable === undefined || name === undefined) return sendable
  const needsNone = /^[\p{L}\p{N}\p{M} !#$%&'*+/=?^_`{|}~-]+$/u.test(name)
  return `${needsNone ? name : `"${name.replace(/["\\]/g, '\\$&')}"`} <${sendable}>`
}

/** A sender that an operator configured: as every provider understands it, where it can be sent to; undefined where it is none. */
export function configuredMailbox(text: string): { address: string; written: string } | undefined {
  // A server of one's own may have a domain of one word.
  const written = sendableMailbox(text) ?? text.trim()
  const address = addressOf(written)
  return address === undefined ? undefined : { address, written }
}

/** Whether what stands before the address, out of quotes, may be a further mailbox. */
export function namesSeveral(text: string): boolean {
  const unquoted = text.replace(quoted, '')
  return unquoted.endsWith('>') && /[,@]/.test(unquoted.replace(/<[^<>]*>$/, ''))
}

/** A domain as it travels. Node takes `1.0x7f` for a number and `ex%61mple` for `example`: what it makes of ASCII is not wanted. */
function ascii(domain: string): string | undefined {
  if (/[^a-z\d.\-\u0080-\uffff]/.test(domain)) return undefined
  const travels = domainToASCII(domain)
  const wanted = /^[\u0020-\u007e]*$/.test(domain) ? domain : travels
  return travels === wanted && host.test(wanted) ? wanted : undefined
}

function plain(written: string): string | undefined {
  return written.replace(quoted, (_, text: string) => text.replace(/\\(.)/g, '$1')).trim() || undefined
}
