import { createHmac } from 'node:crypto'
import { sameBytes } from '#src/contract/signature.ts'
import { uuidBytes, uuidOf } from '#src/model/uuid.ts'

/** What a link of ours in a mail is about. */
export interface Clicked {
  messageId: string
  /** Where it leads, as a browser takes it. */
  url: string
}

export type Tokens = ReturnType<typeof createTokens>

/** What a proof is for: that of one is not that of another. */
type Purpose = 'open' | 'click'

const idBytes = 16
const proofBytes = 16
/** Longer than that no link is made. */
const longestToken = 4_096

/**
 * What stands in the addresses of our pixel and links: the message's id, a proof (HMAC-SHA256, 128 bits of it) and, in a link,
 * where it leads, so that nothing is looked up to follow it. No address of a person, and no time: a mail is read years
 * later. `secrets`: the first signs, each proves.
 */
export function createTokens(secrets: readonly [string, ...string[]]) {
  const proofBy = (secret: string, purpose: Purpose, id: Buffer, url: string) =>
    createHmac('sha256', secret).update(purpose).update(id).update(url).digest().subarray(0, proofBytes)

  function made(purpose: Purpose, messageId: string, url: string): string {
    const id = uuidBytes(messageId)
    return Buffer.concat([id, proofBy(secrets[0], purpose, id, url), Buffer.from(url)]).toString('base64url')
  }

  function read(purpose: Purpose, token: string): Clicked | undefined {
    if (token.length > longestToken) return undefined
    const bytes = Buffer.from(token, 'base64url')
    // Of several spellings of the same bytes only ours counts.
    if (bytes.length < idBytes + proofBytes || bytes.toString('base64url') !== token) return undefined
    const id = bytes.subarray(0, idBytes)
    const proof = bytes.subarray(idBytes, idBytes + proofBytes)
    const url = bytes.subarray(idBytes + proofBytes).toString()
    const proven = secrets.some((secret) => sameBytes(proof, proofBy(secret, purpose, id, url)))
    return proven ? { messageId: uuidOf(id), url } : undefined
  }

  return {
    ofOpens: (messageId: string): string => made('open', messageId, ''),
    ofClicks: (messageId: string, url: string): string => made('click', messageId, url),

    /** The message whose pixel this is; undefined: nobody's. */
    opened: (token: string): string | undefined => read('open', token)?.messageId,
    /** Undefined: not a link of ours. */
    clicked: (token: string): Clicked | undefined => read('click', token),
  }
}
