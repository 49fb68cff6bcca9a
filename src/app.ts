import type { RequestListener } from 'node:http'
import cors from 'cors'
import express, { type RequestHandler } from 'express'
import helmet from 'helmet'
import { createActions, createSends } from '../actions/index.ts'
import { actionRoutes } from '../routes/actions.ts'
import { sharingRoom } from '../routes/body.ts'
import { emailRoutes } from '../routes/email.ts'
import { emailCheckRoutes } from '../routes/email-check.ts'
import { errorAnswer, notFound } from '../routes/errors.ts'
import { eventRoutes } from '../routes/events.ts'
import { guard } from '../routes/guard.ts'
import { healthRoutes } from '../routes/health.ts'
import { messageRoutes } from '../routes/messages.ts'
import { metricsRoutes } from '../routes/metrics.ts'
import { opsRoutes } from '../routes/ops.ts'
import { replayRoutes } from '../routes/replay.ts'
import { suppressionRoutes } from '../routes/suppressions.ts'
import { unsubscribeRoutes } from '../routes/unsubscribe.ts'
import { webhookRoutes } from '../routes/webhooks.ts'
import { whatsappTemplateRoutes } from '../routes/whatsapp-templates.ts'
import type { Providers } from './carriers/providers.ts'
import type { Config } from './config.ts'
import type { BounceMailbox } from './email/bounce-mailbox.ts'
import { createCheck } from './email/check.ts'
import type { Resolve } from './email/domain-findings.ts'
import type { Email } from './email/email.ts'
import type { Unsubscribe } from './email/unsubscribe.ts'
import type { Ingest } from './receiving/ingest.ts'
import type { Receive } from './receiving/receive.ts'
import { type Log, withLogFields } from './runtime/log.ts'
import type { Metrics } from './runtime/metrics.ts'
import { requestId } from './runtime/request-id.ts'
import { createRoom } from './runtime/room.ts'
import type { Deliver } from './sending/deliver.ts'
import type { Worker } from './sending/worker.ts'
import type { Store } from './store/store.ts'
import { createSendTemplate } from './templates/send-template.ts'
import { createTemplates } from './templates/templates.ts'

/** Where a request goes whose target cannot be read. No door ever stands here: it is answered 404. */
const nowhere = '/unreadable'

/** How many bytes of large bodies the API may have under way at once: sent, an email takes some ten times its size in memory. */
const mostApiBytes = 64 * 1024 * 1024

/** How many bytes of large webhook bodies may be under way at once. Read, a body takes some twenty times its size in memory. */
const mostWebhookBytes = 10 * 1024 * 1024

/** The house as an Express application: doors first, what they open into is handed in. */
export function createApp(tools: {
  config: Config
  providers: Providers
  store: Store
  ingest: Ingest
  deliver: Deliver
  receive: Receive
  email: Email
  unsubscribe: Unsubscribe
  /** Asks the DNS; undefined: as this machine does. */
  resolve?: Resolve | undefined
  worker: Worker
  /** Undefined: there is no such mailbox. */
  bounces: Pick<BounceMailbox, 'fault'> | undefined
  metrics: Metrics
  log: Log
  now: () => Date
}): RequestListener {
  const { config, providers, store, log, now } = tools
  const asked = { store, deliver: tools.deliver, country: config.country, now }
  const sends = createSends(asked)
  const actions = createActions(asked, sends)
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', trustedProxy(config.trustProxy))
  app.set('etag', false)
  // As routes/router.ts: a path of another case would pass the proxy's limits by.
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.use(identified(log, tools.metrics))
  app.use(helmet())
  // What a signature covers is the public URL: without one, providers can only be on this machine.
  const publicUrl = config.baseUrl ?? `http://localhost:${config.port}`
  const room = createRoom(mostWebhookBytes)
  app.use(webhookRoutes(providers, { receive: tools.receive, room, publicUrl, now }))
  app.use(emailRoutes(tools.email))
  app.use(unsubscribeRoutes({ unsubscribe: tools.unsubscribe, room }))
  app.use(healthRoutes({ store, ingest: tools.ingest, worker: tools.worker, bounces: tools.bounces }))
  app.use(metricsRoutes(tools.metrics, config.metricsToken))
  if (config.corsOrigins.length > 0) app.use('/api', cors({ origin: config.corsOrigins }))
  app.use(
    '/api',
    neverStored,
    guard(config.jwtSecrets, log),
    sharingRoom(createRoom(mostApiBytes)),
    actionRoutes(actions),
    messageRoutes({ actions, store, now }),
    whatsappTemplateRoutes({
      templates: createTemplates(asked),
      sendTemplate: createSendTemplate({ ...asked, sends }),
    }),
    emailCheckRoutes({ check: createCheck(tools), sends, providers }),
    eventRoutes(store),
    opsRoutes({ store, log, now }),
    suppressionRoutes({ store, providers: providers.on, country: config.country, log }),
    replayRoutes({ store, readers: providers.readers, log, now }),
  )
  app.use(notFound)
  app.use(errorAnswer(log))
  return readable(app)
}

/** A request line may hold a whole URL, and one that cannot be read (`http://[`) Express answers by itself, in HTML. */
function readable(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { url = '/' } = request
    if (!url.startsWith('/') && !URL.canParse(url)) request.url = nowhere
    listener(request, response)
  }
}

/** What the API tells is about people: no cache on its way keeps any of it, refusals included. */
const neverStored: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store')
  next()
}

/** Gives every request its id, in its answer and on each line that is logged for it, and logs its end. */
function identified(log: Log, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const id = requestId(request.get('x-request-id'))
    const startedAt = performance.now()
    response.locals.requestId = id
    response.set('X-Request-Id', id)
    response.once('finish', () => {
      const seconds = (performance.now() - startedAt) / 1_000
      // The door is known once a request came through it: what was refused before is `other`.
      const { door = 'other' } = response.locals
      metrics.requestSeconds.observe({ door, status: response.statusCode }, seconds)
      withLogFields({ requestId: id }, () =>
        log.info('request_answered', {
          method: request.method,
          // Without the query, which may name people; `path` alone is relative to the router that answered.
          path: response.locals.path ?? request.originalUrl.split('?', 1)[0]?.slice(0, 200),
          status: response.statusCode,
          durationMs: Math.round(seconds * 1_000),
        }),
      )
    })
    withLogFields({ requestId: id }, next)
  }
}

/** `TRUST_PROXY`: a number of proxies, or addresses and networks; none: the peer is the client. */
function trustedProxy(setting: string | undefined): number | string | boolean {
  if (setting === undefined) return false
  return /^\d+$/.test(setting) ? Number(setting) : setting
}
