import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { AppError } from '#src/model/errors.ts'
import type { Access } from './access.ts'

const claims = z.object({ tenantId: z.string().min(1).optional(), scope: z.string().optional() })

const key = (secret: string) => new TextEncoder().encode(secret)

/**
 * The caller that a bearer token lets in. HS256 only, signed with any of the secrets (rotation), not expired. Throws AppError
 * 401 that tells an expired token from a wrong one, and nothing else.
 */
export async function accessOf(token: string, jwtSecrets: readonly string[]): Promise<Access> {
  let expired = false
  for (const secret of jwtSecrets) {
    try {
      const { payload } = await jwtVerify(token, key(secret), { algorithms: ['HS256'] })
      const { tenantId, scope } = claims.parse(payload)
      return { tenantId, ops: scope?.split(' ').includes('ops') ?? false }
    } catch (error) {
      expired ||= error instanceof errors.JWTExpired
    }
  }
  throw new AppError(
    'unauthorized',
    401,
    expired
      ? 'authorization: the token has expired (make another: npm run token)'
      : 'authorization: the token is not valid (make one: npm run token)',
  )
}

/** A new token. `expires` is a span such as `30d` or `12h`. */
export function signToken(
  secret: string,
  who: { tenantId?: string | undefined; ops?: boolean; expires: string },
): Promise<string> {
  return new SignJWT({
    ...(who.tenantId === undefined ? {} : { tenantId: who.tenantId }),
    ...(who.ops ? { scope: 'ops' } : {}),
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(who.expires)
    .sign(key(secret))
}

/** The secret kept in the data folder where none is configured: made once, readable by its owner only. */
export function keptSecret(dataDir: string): string {
  const file = join(dataDir, 'jwt-secret')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // It is there already, or another process was quicker: theirs is the one.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
