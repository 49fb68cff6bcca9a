import { createHmac } from 'node:crypto'

/** The JWT_SECRET of these tests. */
export const jwtSecret = 'the-secret-of-the-tests-only-0123456789'

const hashes: Record<string, string> = { HS256: 'sha256', HS512: 'sha512' }

/** A JWT as RFC 7519 describes it, made without our own code; `alg` may be any, `none` signs nothing. */
export function jwt(
  claims: Record<string, unknown>,
  { alg = 'HS256', secret = jwtSecret, header = {} }: { alg?: string; secret?: string; header?: object } = {},
): string {
  const expiry = Math.floor(Date.now() / 1_000) + 3_600
  const signed = [
    { alg, typ: 'JWT', ...header },
    { exp: expiry, aud: 'max-comms', ...claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const hash = hashes[alg]
  return `${signed}.${hash === undefined ? '' : createHmac(hash, secret).update(signed).digest('base64url')}`
}
