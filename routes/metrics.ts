import { createHash } from 'node:crypto'
import type { Request, Router } from 'express'
import { sameBytes } from '#src/contract/signature.ts'
import { AppError } from '#src/model/errors.ts'
import type { Metrics } from '#src/runtime/metrics.ts'
import { exactRouter } from './router.ts'

const forwardingHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'cf-connecting-ip']
const loopback = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/

/** `GET /metrics`: for a bearer of METRICS_TOKEN, or for this machine itself where no proxy speaks for somebody else. */
export function metricsRoutes(metrics: Metrics, token: string | undefined): Router {
  const router = exactRouter()
  router.get('/metrics', async (request, response) => {
    if (!bears(request, token) && !local(request))
      throw new AppError('forbidden', 403, 'metrics: send Authorization: Bearer <METRICS_TOKEN>')
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  return router
}

function bears(request: Request, token: string | undefined): boolean {
  const bearer = /^Bearer (.+)$/i.exec(request.get('authorization') ?? '')?.[1]
  return token !== undefined && bearer !== undefined && sameBytes(digest(bearer), digest(token))
}

/** Digests are of one length: comparing them tells nothing about the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function local(request: Request): boolean {
  const forwarded = forwardingHeaders.some((header) => request.headers[header] !== undefined)
  return !forwarded && loopback.test(request.socket.remoteAddress ?? '')
}
