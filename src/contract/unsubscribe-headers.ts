import type { OutgoingEmail } from '#src/model/message.ts'

/** The headers by which a mail program shows its button (RFC 8058); none where the mail has no such link. */
export function unsubscribeHeaders({ unsubscribeUrl: url }: OutgoingEmail): Record<string, string> {
  if (url === undefined) return {}
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
}
