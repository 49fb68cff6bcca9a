import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Access } from '#src/api/access.ts'
import { createAccessOf, olderTokensUntil, tokenLastsMs } from '#src/api/token.ts'
import { AppError } from '#src/model/errors.ts'
import type { Log } from '#src/runtime/log.ts'

/** How often the log says of tokens in use that they should be others. */
const tokenToldEveryMs = 60 * 60_000

/** Lets in a caller with a valid token, before anything of the body is read. */
export function guard(jwtSecrets: readonly string[], log: Log): RequestHandler {
  const accessOf = createAccessOf(jwtSecrets)
  const toldAt = new Map<string, number>()
  const tell = (fact: string, fields: object) => {
    if (performance.now() - (toldAt.get(fact) ?? Number.NEGATIVE_INFINITY) < tokenToldEveryMs) return
    toldAt.set(fact, performance.now())
    log.warn(fact, { ...fields, remedy: 'make another: npm run token' })
  }
  return async (request: Request, response: Response, next: NextFunction) => {
    const token = /^Bearer ([\w-]+\.[\w-]*\.[\w-]*)$/i.exec(request.get('authorization') ?? '')?.[1]
    if (token === undefined)
      throw new AppError(
        'unauthorized',
        401,
        'authorization: missing (send Authorization: Bearer <token>; make one: npm run token)',
      )
    response.locals.door = 'api'
    const { older, until, ...access } = await accessOf(token)
    response.locals.access = access
    if (older) tell('token_of_older_form', { refusedFrom: olderTokensUntil.toISOString() })
    if (until.getTime() - Date.now() > tokenLastsMs)
      tell('token_lasts_too_long', { until: until.toISOString() })
    next()
  }
}

/** What the request's token lets its bearer see; set by `guard`. */
export function accessFrom(response: Response): Access {
  const access: Access | undefined = response.locals.access
  if (!access) throw new AppError('unauthorized', 401, 'authorization: missing')
  return access
}

/** Lets in only tokens with the ops scope. */
export function opsOnly(_request: Request, response: Response, next: NextFunction): void {
  if (!accessFrom(response).ops)
    throw new AppError(
      'forbidden',
      403,
      'authorization: needs the ops scope (make a token: npm run token -- --ops)',
    )
  next()
}

/** For what is not a single tenant's. Throws AppError 403, with why, unless the token has the ops scope and no tenant. */
export function opsOfAllTenants(response: Response, why: string): void {
  const { tenantId, ops } = accessFrom(response)
  if (tenantId !== undefined || !ops)
    throw new AppError('forbidden', 403, `${why} (needs an ops token without one)`)
}
