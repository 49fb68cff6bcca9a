import type { ErrorRequestHandler, RequestHandler } from 'express'
import { AppError, NotProven } from '#src/model/errors.ts'
import type { Log } from '#src/runtime/log.ts'
import { StoreError } from '#src/store/database.ts'

export const notFound: RequestHandler = (request) => {
  throw new AppError(
    'not_found',
    404,
    `${request.method} ${request.path.slice(0, 200)}: there is no such address`,
  )
}

/** The one place where an error becomes an answer. What is not ours to show is logged, and answered without detail. */
export function errorAnswer(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error)
    const appError = translated(error)
    if (appError.status >= 500)
      log.error('request_failed', { code: appError.code, error: appError.cause ?? error })
    else log.info('request_refused', { code: appError.code, reason: appError.message })
    if (appError.status === 401) response.set('WWW-Authenticate', 'Bearer')
    if (appError.status === 408) response.set('Connection', 'close')
    if (appError.status === 503 || appError.status === 429) response.set('Retry-After', '5')
    const { messageId } = appError.details
    response.status(appError.status).json({
      success: false,
      ...(messageId === undefined ? {} : { messageId }),
      error: { code: appError.code, message: appError.message, ...appError.details },
    })
  }
}

function translated(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof NotProven) return new AppError('not_proven', 403, error.message)
  if (error instanceof StoreError && (error.away || error.collided))
    return new AppError(
      'store_unavailable',
      503,
      `database: ${error.refuses ? 'takes nothing' : 'cannot be reached'} now (try again)`,
      { cause: error },
    )
  if (error instanceof URIError) return new AppError('invalid_address', 400, 'address: has a wrong %-escape')
  return new AppError('internal', 500, 'something went wrong here (the log has it under this X-Request-Id)', {
    cause: error,
  })
}
