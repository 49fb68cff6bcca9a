import type { Request, RequestHandler, Response } from 'express'
import { invalid } from '#src/api/params.ts'
import { AppError } from '#src/model/errors.ts'
import { createJsonShape } from '#src/model/json-shape.ts'
import { takenApart } from '#src/model/large-json.ts'
import { bodyArrivesWithinMs, webhookArrivesWithinMs } from '#src/patience.ts'
import type { Room } from '#src/runtime/room.ts'
import { hasBody, readBody } from './read-body.ts'

/** What the API takes where no email is asked for. */
const ordinaryBytes = 1024 * 1024
/** What is not attached: to parse more would hold everybody up. */
const mostText = 2.5 * 1024 * 1024

/** Lets the bodies of all that comes after it share this room. */
export function sharingRoom(room: Room): RequestHandler {
  return (_request, response, next) => {
    response.locals.room = room
    next()
  }
}

/** The body as a JSON object, within the limit, never inflated; anything that does not say it is JSON is told so. */
export function jsonBody(mostBytes = ordinaryBytes): RequestHandler {
  return async (request, response, next) => {
    if (hasBody(request)) {
      mustBeJson(request)
      const room = roomOf(response)
      const watch = refusingShape()
      const intake = { mostBytes, arrivesWithinMs: bodyArrivesWithinMs, room, full: tooManyBodies, watch }
      const bytes = await readBody(request, response, intake)
      response.locals.bodyBytes = bytes.length
      request.body = await objectIn(bytes)
    }
    next()
  }
}

/** The body's own bytes, as they were signed: never inflated, never decoded. */
export function rawBody(
  request: Request,
  response: Response,
  limits: { mostBytes: number; room: Room },
): Promise<Buffer> {
  return readBody(request, response, {
    ...limits,
    arrivesWithinMs: webhookArrivesWithinMs,
    full: tooManyWebhooks,
  })
}

/** Throws AppError 413 where a request that `jsonBody` read has more than the API takes where no email is asked for. */
export function refuseLarge(response: Response): void {
  if (Number(response.locals.bodyBytes ?? 0) > ordinaryBytes)
    throw new AppError(
      'too_large',
      413,
      `body: larger than ${ordinaryBytes} bytes, which only an email may be`,
    )
}

function roomOf(response: Response): Room {
  const room: Room | undefined = response.locals.room
  if (!room) throw new Error('a body was to be read where no room is shared')
  return room
}

function mustBeJson(request: Request): void {
  if (request.is('json') === false) throw refused('must be JSON (send Content-Type: application/json)')
  const charset =
    /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  if (!/^utf-?8$/i.test(charset)) throw new AppError('unsupported_charset', 415, 'body: must be UTF-8')
}

function refusingShape(): (bytes: Buffer) => void {
  const wrong = createJsonShape()
  return (bytes) => {
    const problem = wrong(bytes)
    if (problem !== undefined) throw refused(problem)
  }
}

async function objectIn(bytes: Buffer): Promise<object> {
  if (bytes.length === 0) return {}
  const { rest, filled } = await takenApart(bytes)
  // Not made a text of before it can be one: no character has more bytes.
  const text = rest.length > 3 * mostText ? undefined : rest.toString('utf8')
  if (text === undefined || text.length > mostText)
    throw tooLarge(`${mostText} characters besides attachments`)
  const value = filled(parsedJson(text))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('must be an object')
  return value
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw refused('must be valid JSON')
  }
}

function tooLarge(limit: string): AppError {
  return new AppError('too_large', 413, `body: larger than ${limit}`)
}

function refused(message: string): AppError {
  return invalid([{ path: '', message }], 'body')
}

function tooManyBodies(): AppError {
  return new AppError('too_many_bodies', 503, 'body: too many large ones at once (send it again)')
}

function tooManyWebhooks(): AppError {
  return new AppError('too_many_webhooks', 503, 'body: too many large ones at once (send it again)')
}
