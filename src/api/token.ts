import { hash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { AppError } from '#src/model/errors.ts'
import { privateFolder } from '#src/runtime/private-folder.ts'
import type { Access } from './access.ts'
import { line } from './params.ts'

/** Whom a token is for: one that another program signed with the same secret opens nothing here. */
const audience = 'max-comms'
/** Tokens of before 0.2, which name no audience and see every tenant unless they name one, are let in until then. */
export const olderTokensUntil = new Date('2027-03-01T00:00:00Z')
/** None that is made here lasts longer, and the log says so of one that somebody else signed for longer. */
export const tokenLastsMs = 400 * 86_400_000
/** Of a Date: an end after it is this one. */
const lastMoment = 8.64e15

const tenantId = z.string().min(1).max(100)
const absent = z.never().optional()
const common = {
  exp: z.number(),
  scope: z.string().optional(),
  role: absent,
  // A name is for whoever looks back: one that cannot be kept opens nothing less.
  sub: line(100).optional().catch(undefined),
}
const claims = z.object({ ...common, aud: z.literal(audience) }).and(
  z.union([
    z.object({ tenantId, tenants: absent }),
    // What sees everything says so: a claim that was forgotten gives nothing.
    z.object({ tenants: z.literal('all'), tenantId: absent }),
  ]),
)
const olderClaims = z.object({
  ...common,
  aud: absent,
  tenants: absent,
  tenantId: tenantId.optional(),
})

const key = (secret: string) => new TextEncoder().encode(secret)

/** `older`: the token is of a form that is let in until `olderTokensUntil`; `until`: when it opens nothing any more. */
export type Bearer = Access & { older: boolean; until: Date }

/** More than a company has in use. */
const mostRemembered = 100

/**
 * accessOf, which proves a token once and remembers it until its end: whoever sends much sends the same one. By its hash, so that
 * the time of a look-up says nothing of those that are remembered.
 */
export function createAccessOf(
  jwtSecrets: readonly string[],
  now: () => Date = () => new Date(),
): (token: string) => Promise<Bearer> {
  const proven = new Map<string, Bearer>()
  return async (token) => {
    const name = hash('sha256', token)
    const known = proven.get(name)
    if (known && now() < known.until) return known
    const bearer = await accessOf(token, jwtSecrets, now)
    const [oldest] = proven.keys()
    if (proven.size >= mostRemembered && oldest !== undefined) proven.delete(oldest)
    proven.set(name, bearer)
    return bearer
  }
}

/**
 * The caller that a bearer token lets in. HS256 only, signed with any of the secrets (rotation), with an end that has not
 * come, made for this server (`aud`), for one tenant or expressly for all; never one of Supabase's keys, which have a `role`
 * and may be signed with the same secret. Throws AppError 401 that tells an expired token from a wrong one, and nothing else.
 */
export async function accessOf(
  token: string,
  jwtSecrets: readonly string[],
  now: () => Date = () => new Date(),
): Promise<Bearer> {
  let expired = false
  for (const secret of jwtSecrets) {
    try {
      const { payload } = await jwtVerify(token, key(secret), {
        algorithms: ['HS256'],
        currentDate: now(),
      })
      const older = payload.aud === undefined && now() < olderTokensUntil
      const { scope, tenantId, sub, exp } = (older ? olderClaims : claims).parse(payload)
      const until = new Date(Math.min(exp * 1_000, older ? olderTokensUntil.getTime() : lastMoment))
      return { tenantId, ops: scope?.split(' ').includes('ops') ?? false, bearer: sub, older, until }
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

/** A new token, for one tenant or, without one, for all. `name` is of who holds it, `expires` a span such as `30d` or `12h`. */
export function signToken(
  secret: string,
  who: { tenantId?: string | undefined; ops?: boolean; name?: string | undefined; expires: string },
): Promise<string> {
  return new SignJWT({
    ...(who.tenantId === undefined ? { tenants: 'all' } : { tenantId: who.tenantId }),
    ...(who.ops ? { scope: 'ops' } : {}),
    ...(who.name === undefined ? {} : { sub: who.name }),
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(who.expires)
    .sign(key(secret))
}

/** The secret kept in the data folder where none is configured: made once, readable by its owner only. */
export function keptSecret(dataDir: string): string {
  const file = join(dataDir, 'jwt-secret')
  privateFolder(dataDir)
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // It is there already, or another process was quicker: theirs is the one.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
