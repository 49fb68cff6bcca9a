import { createHmac } from 'node:crypto'
import { sameBytes } from '#src/contract/signature.ts'
import { uuidBytes, uuidOf } from '#src/model/uuid.ts'

export type UnsubscribeTokens = ReturnType<typeof unsubscribeTokens>

/** Of 128 bits, as of a key that nobody can guess. */
const macBytes = 16
const shape = /^([\w-]{22})\.([\w-]{22})$/

/**
 * What stands in the unsubscribe link of a mail: the message, and proof that we wrote it. It carries no address, and says nothing
 * of its person to whoever comes by it. `secrets`: the first signs, those before it are still believed.
 */
export function unsubscribeTokens(secrets: readonly string[]) {
  return {
    /** The token of a message, by its uuid; undefined: nothing signs it. */
    of(messageId: string): string | undefined {
      const [secret] = secrets
      if (secret === undefined) return undefined
      const id = uuidBytes(messageId)
      return `${id.toString('base64url')}.${proofOf(secret, id)}`
    },

    /** The message of a token; undefined: it is not ours. */
    messageOf(token: string): string | undefined {
      const [, id = '', proof = ''] = shape.exec(token) ?? []
      const bytes = Buffer.from(id, 'base64url')
      // Of the last character only some bits count: one message has one token.
      if (bytes.toString('base64url') !== id) return undefined
      const given = Buffer.from(proof)
      if (!secrets.some((secret) => sameBytes(Buffer.from(proofOf(secret, bytes)), given))) return undefined
      return uuidOf(bytes)
    },
  }
}

/** Signed for this purpose alone: no other token of the same secret can be passed off as one. */
function proofOf(secret: string, id: Buffer): string {
  const mac = createHmac('sha256', secret).update('unsubscribe:').update(id).digest()
  return mac.subarray(0, macBytes).toString('base64url')
}
