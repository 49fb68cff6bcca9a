import { createHmac } from 'node:crypto'
import { uuidBytes, uuidOf } from '#src/model/uuid.ts'
import { sameBytes, secrets } from './signature.ts'

/** The addresses that mails are returned to. */
export interface ReturnPaths {
  of(messageId: string): string
  /** The message whose token an address holds; undefined: it holds none that we have signed. */
  messageIn(address: string): string | undefined
}

const idBytes = 16
const proofBytes = 8
/** Bytes as digits and letters to the base of 32: no mail server changes them, whatever it does to capitals. */
const tokenLength = Math.ceil(((idBytes + proofBytes) * 8) / 5)
const token = new RegExp(`\\+([0-9a-v]{${tokenLength}})@`, 'i')
const longestLocalPart = 64

/** The longest that may stand before the `@` of an address that gets a token. */
export const longestReturnName = longestLocalPart - 1 - tokenLength

/**
 * Return paths with a token (VERP): `bounces+<id and proof>@comms.example`. The proof (HMAC-SHA256, 64 bits of it) keeps strangers
 * from reporting on mails that they never saw. The first of the `signing` secrets signs, each proves; without any the address goes out as
 * it is, and no token is believed.
 */
export function returnPaths(address: string, signing: readonly string[]): ReturnPaths {
  const at = address.lastIndexOf('@')
  const [first] = signing
  return {
    of(messageId) {
      if (first === undefined) return address
      const id = uuidBytes(messageId)
      const signed = written(Buffer.concat([id, proofBy(first, id)]))
      return `${address.slice(0, at)}+${signed}${address.slice(at)}`
    },
    messageIn(path) {
      const [, held] = token.exec(path) ?? []
      const bytes = held === undefined ? undefined : readBytes(held)
      if (!bytes) return undefined
      const [id, proof] = [bytes.subarray(0, idBytes), bytes.subarray(idBytes)]
      return signing.some((secret) => sameBytes(proof, proofBy(secret, id))) ? uuidOf(id) : undefined
    },
  }
}

/** What signs them: TRACKING_SECRET, else JWT_SECRET. */
export function returnSecrets(set: {
  TRACKING_SECRET?: string | undefined
  JWT_SECRET?: string | undefined
}): string[] {
  return secrets(set.TRACKING_SECRET ?? set.JWT_SECRET)
}

/** Of nothing else that the same secret signs. */
function proofBy(secret: string, id: Buffer): Buffer {
  return createHmac('sha256', secret).update('return path').update(id).digest().subarray(0, proofBytes)
}

function written(bytes: Buffer): string {
  return BigInt(`0x${bytes.toString('hex')}`)
    .toString(32)
    .padStart(tokenLength, '0')
}

function readBytes(text: string): Buffer | undefined {
  const number = [...text].reduce((sum, digit) => sum * 32n + BigInt(Number.parseInt(digit, 32)), 0n)
  const hex = number.toString(16).padStart((idBytes + proofBytes) * 2, '0')
  return hex.length === (idBytes + proofBytes) * 2 ? Buffer.from(hex, 'hex') : undefined
}
