import { isPublic } from '#src/contract/reach.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import type { Warning } from '#src/model/warnings.ts'
import type { UnsubscribeTokens } from './unsubscribe-token.ts'

export const unsubscribePath = '/api/email/unsubscribe'

/** A message with the link by which its person ends the mails, where its sender asked for one; or the word on why it has none. */
export type LinkUnsubscribe = (message: OutgoingMessage) => { message: OutgoingMessage; warnings: Warning[] }

/**
 * The link is made once, and kept with what is sent: every attempt has the same, by whatever provider. Mail programs follow only
 * https (RFC 8058 §3.1), and only an address that they can call.
 */
export function linkUnsubscribe(baseUrl: string | undefined, tokens: UnsubscribeTokens): LinkUnsubscribe {
  const address = baseUrl !== undefined && isPublic(baseUrl) ? `${baseUrl}${unsubscribePath}` : undefined
  return (message) => {
    if (message.channel !== 'email' || !message.unsubscribe) return { message, warnings: [] }
    const token = tokens.of(message.id)
    if (address === undefined || token === undefined) return { message, warnings: ['no_unsubscribe_link'] }
    return { message: { ...message, unsubscribeUrl: `${address}/${token}` }, warnings: [] }
  }
}
