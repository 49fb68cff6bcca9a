import { createHash } from 'node:crypto'
import { sameBytes } from '#src/contract/signature.ts'
import { NotProven } from '#src/model/errors.ts'

/**
 * Proves the `Authorization` header, which is all that Green-API offers: no signature, no time. A token T arrives as
 * `Bearer T`, one stored as `Bearer T` with one prefix or two, one stored as `Basic …` as it is
 * (@green-api/greenapi-integration 0.8.1, dist/core/guard.js, and captures). Throws NotProven.
 */
export function verifyToken(authorization: string | undefined, tokens: readonly string[]): void {
  if (!authorization)
    throw new NotProven('greenapi: Authorization missing (set webhookUrlToken of the instance)')
  const proof = digest(bare(authorization))
  // Every token is compared, and digests of one length, so that the time tells nothing.
  const matches = tokens.filter((token) => sameBytes(digest(bare(token)), proof))
  if (matches.length === 0) throw new NotProven('greenapi: wrong token (check GREEN_API_WEBHOOK_TOKEN)')
}

function bare(token: string): string {
  return token.trim().replace(/^(?:Bearer\s+){1,2}/, '')
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
