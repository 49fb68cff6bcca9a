/**
 * What a server's no is about: this one `address`; the `message`; the `moment` (it may be taken later); how fast we send (`pace`);
 * the address that we send from (`sender`); `us`, whatever we send; or how much we have sent (`quota`). Of these only the first says that nobody is there.
 */
export type About = 'address' | 'message' | 'moment' | 'pace' | 'sender' | 'us' | 'quota'

/** A reply to a command, 400 or higher. */
export interface Reply {
  code: number
  /** The enhanced status, `5.1.1` (RFC 3463); undefined: it has none. */
  status: string | undefined
  /** What was answered: `RCPT TO`, `DATA`, `CONN`. */
  command: string
  /** It refuses our login. */
  login: boolean
  /** What it says, without what it quotes of the message and without addresses. */
  words: string
  /** It names the address that we send from, and not the recipient's. */
  namesSender: boolean
}

/** Nobody is there: RFC 3463 §3.2, and Exchange's 5.1.10 (RecipientNotFound). 5.1.0 is whatever the server likes. */
const dead = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10'])

/**
 * Our address, its domain's DNS and what we may send as: the sender's address (5.1.7, 5.1.8), SPF, DKIM, DMARC and PTR (RFC 7372;
 * 5.7.26 is Gmail's, 5.7.509 and 5.7.515 Outlook's), "send as" (5.7.60), a domain that Exchange does not know (5.7.750).
 */
const ofSender = /^5\.(?:1\.[78]|7\.(?:2[0-7]|60|509|515|750))$/
/** Our login, our machine: RFC 4954; Exchange's 5.7.57, 5.7.64, 5.7.606 to 5.7.649 (banned) and 5.7.70x (the tenant). */
const ofUs = /^5\.7\.(?:[389]|57|64|6[0-4]\d|70\d)$/
/** Gmail's 5.4.5, Exchange's 5.1.90 and 5.7.232, 5.7.233. */
const ofQuota = /^5\.(?:4\.5|1\.90|7\.23[23])$/

const quotaWords =
  /SubmissionQuotaExceeded|\b(?:daily|hourly|monthly|sending|submission|outbound|outgoing)(?: (?!receiv)\w+){0,3} (?:limit|quota)\b/i
const ourWords =
  /\brelay(?:ing)? (?:access )?(?:denied|not|prohibited)|\b(?:unable|not permitted|not allowed) to relay|\bauthentication (?:is )?required|\bmust authenticate\b|\bclient host\b|(?<!in reply to )\b(?:helo|ehlo)\b|\breverse (?:dns|host|lookup)|\bblocked using\b|\byour (?:ip|server|host)\b/i
/** Its beginning says so: further on a filter may speak of senders in general. */
const senderWords =
  /^(?:<\w+>[:\s]*)?(?:(?:the )?(?:sender|mail from|from)\b(?: \w+){0,3} (?:reject|refus|fail|invalid|unknown|not|must|unverified|does)|(?:invalid|unknown|unverified|unauthenticated|forged) sender\b|(?:message rejected: )?email address is not verified)|\bnot (?:allowed|authorized|permitted) to send (?:as|from)\b|SendAsDenied/i
const rateWords = /\brate\b|\btoo (?:many|much|fast|often|frequent)|\blimit/i
const paceWords =
  /\btoo (?:many|much|fast|often|frequent)|\b(?:sending|message|connection|mail) rate\b|\brate.?limit|\bthrottl|\bslow(?:ing)? down|\bunusual rate/i
const notOurPace = /\breceiv|\btoo (?:many|much) (?:\w+ )?(?:recipients|errors|hops|commands)\b/i
/** It speaks of who sends, whatever it says of them: then it does not say that nobody is there. */
const anySender = /\bsender|\bmail from\b|\breturn.?path\b|\bsend(?:ing)? as\b/i

/** Whose fault it is. What only quotes the message decides nothing: its words come without what is quoted. */
export function aboutOf(reply: Reply): About {
  const { code, status = '', command, login, words } = reply
  if (login) return code < 500 ? 'moment' : 'us'
  // The session is out of step.
  if (code === 503) return 'moment'
  if (isQuota(status, words)) return 'quota'
  if (code < 500) return isPace(status, words) ? 'pace' : 'moment'
  if (command === 'RCPT TO') return aboutRecipient(reply, status)
  if (command === 'MAIL FROM') return aboutMailFrom(code, status)
  if (command === 'DATA' || command === '.') return ourFault(reply, status) ?? 'message'
  // The greeting, EHLO, STARTTLS: no message has been spoken of yet.
  return 'us'
}

/** A mailbox has a quota too (x.2.2), and a rate (x.2.1). */
function isQuota(status: string, words: string): boolean {
  return ofQuota.test(status) || (quotaWords.test(words) && !/^\d\.2\.[12]$/.test(status))
}

/** A mailbox may get too much at once (4.2.1, 4.2.2), a message have too many recipients (4.5.3), and a session too many errors. */
function isPace(status: string, words: string): boolean {
  return paceWords.test(words) && !notOurPace.test(words) && !/^4\.(?:2\.[12]|5\.3)$/.test(status)
}

function aboutRecipient(reply: Reply, status: string): About {
  const { words } = reply
  const fault = ourFault(reply, status)
  if (fault) return fault
  if (status === '5.2.1')
    return rateWords.test(words) ? 'moment' : anySender.test(words) ? 'message' : 'address'
  return dead.has(status) && !anySender.test(words) ? 'address' : 'message'
}

/** Its size is told with it, and whether it needs UTF-8. */
function aboutMailFrom(code: number, status: string): About {
  if (code === 552 || code === 555 || /^5\.(?:3\.4|2\.3|6\.\d+)$/.test(status)) return 'message'
  return code === 530 || ofUs.test(status) ? 'us' : 'sender'
}

function ourFault({ code, words, namesSender }: Reply, status: string): 'sender' | 'us' | undefined {
  if (ofSender.test(status) || namesSender || senderWords.test(words)) return 'sender'
  return code === 530 || ofUs.test(status) || ourWords.test(words) ? 'us' : undefined
}
