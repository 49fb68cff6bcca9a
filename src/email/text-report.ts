import { lines, statusIn } from './report-fields.ts'
import { mostRecipients, type ReportedRecipient } from './reported.ts'

/** No address is as long (RFC 5321 §4.5.3.1: 256). */
const longestLine = 1_000

/** What is between the words about the recipients and the returned mail, by qmail and by Exim. */
const returnedBelow = /^-{3,} (?:Below this line is|This is a copy of|The body of the message).*$/m
const byQmail = /^Hi\. This is the qmail-send program at\b/m
const byExim = /^This message was created automatically by mail delivery software\b/m
const notYet = /\bnot (?:yet )?been delivered|\bdelay(?:ed)?\b.*\bno action is required/is
/** A recipient's line: `<a@b>:` by qmail, `  a@b` by Exim; what follows until the next one is about it. */
const recipientLine = /^(?:<([^\s<>]+@[^\s<>]+)>:| {2}([^\s<>]+@[^\s<>]+))$/

/**
 * A report in words alone, as qmail writes it (https://cr.yp.to/proto/qsbmf.txt) and older Exims do. `failed`: X-Failed-Recipients.
 * Undefined: it is neither.
 */
export function textReport(
  text: string,
  failed: string | undefined,
): { recipients: ReportedRecipient[]; returned: string } | undefined {
  const words = lines(text)
  if (!byQmail.test(words) && !byExim.test(words) && failed === undefined) return undefined
  const [told = '', ...below] = words.split(returnedBelow)
  const action = failed === undefined && notYet.test(told) ? 'delayed' : 'failed'
  const found = recipientsIn(told).map(([address, said]) => ({ address, action, ...saidIn(said) }))
  const others = (failed ?? '')
    .split(/[\s,]+/)
    .filter((address) => address.includes('@'))
    .slice(0, mostRecipients)
    .filter((address) => !found.some((one) => one.address === address))
  const ofAll = saidIn(found.length === 0 ? told : '')
  const recipients = [...found, ...others.map((address) => ({ address, action, ...ofAll }))]
  return recipients.length === 0 ? undefined : { recipients, returned: below.join('\n').trim() }
}

function recipientsIn(told: string): [address: string, said: string][] {
  const found: [address: string, said: string[]][] = []
  for (const line of told.split('\n')) {
    const [, quoted, indented] = (line.length > longestLine ? undefined : recipientLine.exec(line)) ?? []
    const address = quoted ?? indented
    if (address !== undefined) found.push([address, []])
    else found.at(-1)?.[1].push(line.trim())
  }
  return found.slice(0, mostRecipients).map(([address, said]) => [address, said.join(' ').trim()])
}

function saidIn(said: string): Omit<ReportedRecipient, 'address' | 'action'> {
  const reply = /\b[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}\b)?.*$/s.exec(said)?.[0]
  return {
    named: undefined,
    status: statusIn(said),
    diagnostic: reply === undefined ? said || undefined : `smtp; ${reply}`,
    remoteServer: undefined,
    attemptedAt: undefined,
  }
}
