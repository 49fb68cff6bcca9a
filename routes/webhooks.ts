import type { Request, RequestHandler } from 'express'
import type { Providers } from '#src/carriers/providers.ts'
import type { Provider, ProviderEntry, WebhookRequest } from '#src/contract/provider.ts'
import { AppError } from '#src/model/errors.ts'
import type { Receive } from '#src/receiving/receive.ts'
import type { Room } from '#src/runtime/room.ts'
import { rawBody } from './body.ts'

const mostBytes = 5 * 1024 * 1024

interface Tools {
  receive: Receive
  room: Room
  publicUrl: string
  now: () => Date
}

/**
 * Every provider's doors: its own paths, all meaning the same. A provider that is off, or whose proof is not configured,
 * has no door (404), never an open one. Found by the path as it stands: a router would try each provider's in turn.
 */
export function webhookRoutes({ entries, on }: Providers, tools: Tools): RequestHandler {
  const doors = new Map(
    entries.flatMap((entry) =>
      entry.paths.map((path) => [path, webhookDoor(entry, on.get(entry.name), tools)]),
    ),
  )
  return (request, response, next) => {
    const door = doors.get(request.path)
    return door ? door(request, response, next) : next()
  }
}

function webhookDoor(entry: ProviderEntry, provider: Provider | undefined, tools: Tools): RequestHandler {
  return async (request, response) => {
    request.body = await rawBody(request, response, { mostBytes, room: tools.room })
    if (!provider?.webhook)
      throw new AppError(
        'provider_not_configured',
        404,
        `${entry.name}: hears nothing (set ${entry.hearsWith.join(', ')})`,
      )
    response.locals.door = 'webhooks'
    const answer = await tools.receive(
      entry.name,
      provider.webhook,
      webhookRequest(request, entry.paths, tools.publicUrl, tools.now()),
      String(response.locals.requestId),
    )
    response.status(answer.status)
    if (answer.body === undefined) response.end()
    else response.type(answer.type ?? 'text/plain').send(answer.body)
  }
}

function webhookRequest(
  request: Request,
  paths: readonly string[],
  publicUrl: string,
  receivedAt: Date,
): WebhookRequest {
  const target = request.originalUrl
  // A request line may hold a whole URL: what a stranger names is not where we are.
  if (!target.startsWith('/')) throw new AppError('invalid_address', 400, 'address: must be a path')
  const queryAt = target.indexOf('?')
  const search = queryAt < 0 ? '' : target.slice(queryAt)
  const received = queryAt < 0 ? target : target.slice(0, queryAt)
  const others = paths.filter((path) => path !== received)
  return {
    method: request.method,
    urls: [received, ...others].map((path) => `${publicUrl}${path}${search}`),
    headers: headersOf(request),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    receivedAt,
  }
}

/** Each in one text. */
function headersOf({ headers }: Request): WebhookRequest['headers'] {
  const joined: Record<string, string | undefined> = {}
  for (const name in headers) {
    const value = headers[name]
    joined[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return joined
}
