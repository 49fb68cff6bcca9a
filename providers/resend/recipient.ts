import { oneOfSeveral } from '#src/model/event.ts'
import { addressOf, keptAddress } from '#src/model/mailbox.ts'

/** With this tag an email is sent that has copies: a webhook may list them or not. */
export const copiesTag = 'app_copies'

/**
 * Whom an event is about. Resend sends one for each of an email's recipients, and names them all in each: of several, only the one
 * whom what is `told` names can be known (https://github.com/anymail/django-anymail, webhooks/resend.py).
 */
export function recipientOf(
  {
    to,
    cc,
    bcc,
    tags,
  }: {
    to?: string[] | null | undefined
    cc?: string[] | null | undefined
    bcc?: string[] | null | undefined
    tags?: Record<string, unknown> | null | undefined
  },
  told: readonly (string | null | undefined)[],
): string | undefined {
  const listed = [...(to ?? []), ...(cc ?? []), ...(bcc ?? [])].map((one) => addressOf(one) ?? one)
  const [first] = listed
  const several = listed.length > 1 || tags?.[copiesTag] !== undefined
  if (!several) return first
  const named = new Set(
    told.flatMap((text) => text?.match(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g) ?? []).map(keptAddress),
  )
  const found = listed.filter((address) => named.has(keptAddress(address)))
  return found.length === 1 ? found[0] : oneOfSeveral
}
