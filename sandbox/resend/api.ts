import { randomUUID } from 'node:crypto'
import express, { type NextFunction, type Request, type Response, Router } from 'express'
import { credentials, domains } from '../credentials.ts'
import { because, conclude, door } from '../door.ts'
import { createRecent, type Recent } from '../recent.ts'
import { emailStory } from '../stories.ts'
import { keep, obstacle, type World } from '../world.ts'
import { pgTime, playEmail, type ResendRecord } from './events.ts'
import { createIdempotency, type Idempotency } from './idempotency.ts'
import { addressIn, type ResendError, readEmail } from './order.ts'
import { createSuppressions, type Suppressions, suppressionsApi } from './suppressions.ts'

const tooMany = {
  statusCode: 429,
  name: 'rate_limit_exceeded',
  message:
    'Too many requests. You can only make 10 requests per second. See rate limit response headers for more information.',
}
const failed = { statusCode: 500, name: 'internal_server_error', message: 'An unexpected error occurred.' }
const missing = { statusCode: 404, name: 'not_found', message: 'The requested endpoint does not exist.' }

interface Books {
  records: Recent<ResendRecord>
  idempotency: Idempotency
  suppressions: Suppressions
}

/** Resend's emails and domains. */
export function resendApi(world: World): Router {
  const books: Books = {
    records: createRecent(),
    idempotency: createIdempotency(),
    suppressions: createSuppressions(world.now),
  }
  const router = Router()
  router.use(
    door(world, 'resend', (request) => request.method === 'POST', {
      down: (response) => refuse(response, failed),
      refuse: (response) => busy(response),
    }),
  )
  router.use(authorize, limits())
  router.post('/emails', express.json({ limit: '40mb', strict: false }), (request, response) =>
    send(world, books, request, response),
  )
  router.get('/emails/:id', (request, response) => {
    const record = books.records.get(request.params.id)
    if (record) response.json(resource(record))
    else refuse(response, { ...missing, message: 'Email not found' })
  })
  router.get(
    '/domains',
    (_request, response) => void response.json({ object: 'list', has_more: false, data: listed }),
  )
  router.get('/domains/:id', (request, response) => {
    const domain = domains.find(({ id }) => id === request.params.id)
    if (!domain) return refuse(response, { ...missing, message: 'Domain not found' })
    const tracking = { open_tracking: domain.openTracking, click_tracking: false }
    response.json({
      object: 'domain',
      ...listed.find(({ id }) => id === domain.id),
      ...tracking,
      records: [],
    })
  })
  router.use(
    suppressionsApi(books.suppressions, (_request: Request, response: Response) =>
      refuse(response, { ...missing, message: 'Suppression not found' }),
    ),
  )
  router.use((_request, response) => refuse(response, missing))
  router.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    refuse(response, {
      statusCode: 422,
      name: 'validation_error',
      message: 'The request body is not valid JSON.',
    }),
  )
  return router
}

const listed = domains.map(({ id, name }) => ({
  id,
  name,
  status: 'verified',
  created_at: '2026-01-05T09:00:00.000000+00:00',
  region: 'eu-west-1',
}))

function authorize(request: Request, response: Response, next: NextFunction): void {
  const given = request.get('authorization')
  if (given === `Bearer ${credentials.resend.apiKey}`) next()
  else if (!given?.startsWith('Bearer '))
    refuse(response, { statusCode: 401, name: 'missing_api_key', message: 'Missing API Key' })
  else refuse(response, { statusCode: 403, name: 'invalid_api_key', message: 'API key is invalid' })
}

/** Counts per second for the headers, but never refuses: load tests run against this. */
function limits() {
  let second = 0
  let used = 0
  return (_request: Request, response: Response, next: NextFunction): void => {
    const current = Math.floor(Date.now() / 1_000)
    used = current === second ? used + 1 : 1
    second = current
    const remaining = String(Math.max(0, 10 - used))
    response.set({ 'ratelimit-limit': '10', 'ratelimit-remaining': remaining, 'ratelimit-reset': '1' })
    next()
  }
}

async function send(world: World, books: Books, request: Request, response: Response): Promise<void> {
  const email = readEmail(request.body)
  if ('statusCode' in email) return refuse(response, email)
  const key = request.get('idempotency-key')
  const known = books.idempotency.recall(key, request.body)
  if (known && 'statusCode' in known) return refuse(response, known)
  if (known) return void response.json(known)
  const to = addressIn(email.to[0] ?? '') ?? ''
  const story = emailStory(to)
  const stop = obstacle(world, 'resend', to, story)
  if (stop === 'busy') return busy(response)
  if (stop) return refuse(response, stop === 'down' ? failed : testingAddress)

  const record: ResendRecord = { id: randomUUID(), createdAt: world.now(), email, lastEvent: 'queued' }
  books.records.set(record.id, record)
  books.idempotency.begin(key, request.body)
  keepEmail(world, record, to)
  await playEmail(world, record, story, books.suppressions)
  books.idempotency.settle(key, { id: record.id })
  conclude(world, response, story, () => void response.json({ id: record.id }))
}

const testingAddress = {
  statusCode: 422,
  name: 'validation_error',
  message: 'Invalid `to` field. Please use our testing email address instead of domains like `example.com`.',
}

function keepEmail(world: World, { id, email }: ResendRecord, to: string): void {
  const headers = Object.entries(email.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  keep(world, {
    provider: 'resend',
    channel: 'email',
    id,
    to,
    from: addressIn(email.from) ?? email.from,
    subject: email.subject,
    ...(email.text && { text: email.text }),
    ...(email.html && { html: email.html }),
    story: emailStory(to),
    headers: Object.fromEntries(headers),
    references: Object.fromEntries((email.tags ?? []).map(({ name, value }) => [name, value])),
  })
}

function resource({ id, createdAt, email, lastEvent }: ResendRecord) {
  const { from, to, subject, html = null, text = null, cc = null, bcc = null, reply_to = null, tags } = email
  return {
    object: 'email',
    id,
    to,
    from,
    created_at: pgTime(createdAt),
    subject,
    html,
    text,
    bcc: bcc ?? [],
    cc: cc ?? [],
    reply_to: reply_to ?? [],
    last_event: lastEvent,
    scheduled_at: null,
    ...(tags && { tags }),
  }
}

function busy(response: Response): void {
  response.setHeader('retry-after', '1')
  refuse(response, tooMany)
}

function refuse(response: Response, error: ResendError): void {
  because(response, `${error.name}: ${error.message}`)
  response.status(error.statusCode).json(error)
}
