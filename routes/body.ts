import express, { type Request, type RequestHandler } from 'express'
import { invalid } from '#src/api/params.ts'
import { AppError } from '#src/model/errors.ts'
import { bodyWaitMs } from '#src/patience.ts'
import type { Room } from '#src/runtime/room.ts'

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
export function rawBody(limitBytes: number): RequestHandler {
  return express.raw({ type: () => true, limit: limitBytes, inflate: false })
}

/** A smaller one never waits: it takes less than its connection does. */
const largeBytes = 64 * 1024

/**
 * A large body is not read before there is room for it, which it has until its request is answered. Throws AppError 503
 * where there is none in time. One over the limit needs none: it is refused unread.
 */
export function roomForBody(room: Room, limitBytes: number): RequestHandler {
  return async (request, response, next) => {
    const bytes = announcedBytes(request) ?? limitBytes
    if (bytes < largeBytes || bytes > limitBytes) return next()
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const leave = await room.enter(bytes, AbortSignal.any([gone.signal, AbortSignal.timeout(bodyWaitMs)]))
    if (gone.signal.aborted) return leave?.()
    if (!leave)
      throw new AppError('too_many_webhooks', 503, 'body: too many large ones at once (send it again)')
    response.once('close', leave)
    next()
  }
}

/** Undefined: the request does not say. */
function announcedBytes({ headers }: Request): number | undefined {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undefined
}
