import express, { type RequestHandler } from 'express'
import { invalid } from '#src/api/params.ts'

/** The body as a JSON object, within the limit, never inflated; anything that does not say it is JSON is told so. */
export function jsonBody(limit: string): RequestHandler[] {
  return [
    (request, _response, next) => {
      if (request.is('json') === false)
        throw invalid([{ path: '', message: 'must be JSON (send Content-Type: application/json)' }], 'body')
      next()
    },
    express.json({ limit, strict: false, inflate: false }),
    ({ body }: { body?: unknown }, _response, next) => {
      if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body)))
        throw invalid([{ path: '', message: 'must be an object' }], 'body')
      next()
    },
  ]
}

/** The body's own bytes, as they were signed: never inflated, never decoded. */
export function rawBody(limit: string): RequestHandler {
  return express.raw({ type: () => true, limit, inflate: false })
}
