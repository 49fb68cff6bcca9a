import { oneOfSeveral } from '#src/model/event.ts'
import { addressOf, domainOf, keptAddress } from '#src/model/mailbox.ts'
import type { OutgoingEmail } from '#src/model/message.ts'

/** With this tag an email is sent that has copies: a webhook may list them or not. Its value: `Believed`. */
export const copiesTag = 'app_copies'

/**
 * Whose naming is proof. What a diagnostic says comes from the mail server of the one who is refused, and any server may name whom it
 * likes: that nobody is there is believed only where no stranger can have said it. `all`: their addresses are of one domain. `first`:
 * the copies are of the recipient's domain or of our sender's, so that nobody else speaks of the recipient. `none`: there are others.
 */
type Believed = 'all' | 'first' | 'none'

export function believed(
  { to, cc = [], bcc = [] }: Pick<OutgoingEmail, 'to' | 'cc' | 'bcc'>,
  sender: string,
): Believed {
  const [own, ours] = [domain(to), domain(sender)]
  const domains = [...cc, ...bcc].map(domain)
  if (domains.every((one) => one === own)) return 'all'
  return own !== ours && domains.every((one) => one === own || one === ours) ? 'first' : 'none'
}

function domain(mailbox: string): string {
  return domainOf(addressOf(mailbox) ?? mailbox)
}

interface Reported {
  from?: string | null | undefined
  to?: string[] | null | undefined
  cc?: string[] | null | undefined
  bcc?: string[] | null | undefined
  tags?: Record<string, unknown> | null | undefined
}

/**
 * Whom an event is about. Resend sends one for each of an email's recipients, and names them all in each: of several, only the one
 * whom what is `told` names can be known (https://github.com/anymail/django-anymail, webhooks/resend.py). Nobody is taken for dead on
 * a stranger's word (`consent: 'none'`).
 */
export function recipientOf(
  { from, to, cc, bcc, tags }: Reported,
  told: readonly (string | null | undefined)[],
): { recipient: string | undefined; consent?: 'none' } {
  const listed = [...(to ?? []), ...(cc ?? []), ...(bcc ?? [])].map((one) => addressOf(one) ?? one)
  const [first] = listed
  const several = listed.length > 1 || tags?.[copiesTag] !== undefined
  if (!several) return { recipient: first }
  const named = new Set(told.flatMap(addressesIn))
  const found = listed.filter((address) => named.has(keptAddress(address)))
  const [recipient] = found
  if (recipient === undefined || found.length > 1) return { recipient: oneOfSeveral }
  // Where the tag has been lost, those whom it lists are all that is known.
  const proof = tags?.[copiesTag] ?? believed({ to: first ?? '', cc: listed.slice(1) }, from ?? '')
  const proven = proof === 'all' || (proof === 'first' && recipient === first)
  return { recipient, ...(!proven && { consent: 'none' as const }) }
}

/** A diagnostic is a few lines; no more of it is looked at. */
const mostCharacters = 2_000

function addressesIn(text: string | null | undefined): string[] {
  const words = (text ?? '').slice(0, mostCharacters).split(/[\s<>"'(),;:[\]{}]+/)
  return words.filter((word) => word.includes('@')).map((word) => keptAddress(word.replace(/[.!?]$/, '')))
}
