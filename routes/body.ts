import express, { type RequestHandler } from 'express'
import { AppError } from '#src/errors.ts'

/** The body as JSON, within the limit, never inflated; anything that does not say it is JSON is told so. */
export function jsonBody(limit: string): RequestHandler[] {
  return [
    (request, _response, next) => {
      if (request.is('json') === false)
        throw new AppError(
          'invalid_params',
          400,
          'body: must be JSON (send Content-Type: application/json)',
          {
            details: {
              issues: [{ path: '', message: 'must be JSON (send Content-Type: application/json)' }],
            },
          },
        )
      next()
    },
    express.json({ limit, strict: false, inflate: false }),
  ]
}

/** The body's own bytes, as they were signed: never inflated, never decoded. */
export function rawBody(limit: string): RequestHandler {
  return express.raw({ type: () => true, limit, inflate: false })
}
