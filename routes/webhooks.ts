import type { Request, Router } from 'express'
import type { Provider, ProviderEntry, WebhookRequest } from '#src/contract/provider.ts'
import { AppError } from '#src/model/errors.ts'
import type { Receive } from '#src/receiving/receive.ts'
import type { Room } from '#src/runtime/room.ts'
import { rawBody } from './body.ts'
import { exactRouter } from './router.ts'

const mostBytes = 5 * 1024 * 1024

/**
 * One provider's doors: its own paths, all meaning the same. A provider that is off, or whose proof is not configured,
 * has no door (404), never an open one.
 */
export function webhookRoutes(
  entry: ProviderEntry,
  provider: Provider | undefined,
  tools: { receive: Receive; room: Room; publicUrl: string; now: () => Date },
): Router {
  const router = exactRouter()
  if (entry.paths.length === 0) return router
  router.all([...entry.paths], rawBody(mostBytes, tools.room), async (request, response) => {
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
  })
  return router
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
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    ),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    receivedAt,
  }
}
