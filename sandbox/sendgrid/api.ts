import { randomBytes } from 'node:crypto'
import express, { type NextFunction, type Request, type Response, Router } from 'express'
import { credentials, ownDomain } from '../credentials.ts'
import { because, conclude, door } from '../door.ts'
import { emailStory } from '../stories.ts'
import { keep, obstacle, type World } from '../world.ts'
import { createBatch } from './batch.ts'
import { type Complaint, complaints, shapeComplaints } from './complaints.ts'
import { type Books, type Parcel, playParcel } from './events.ts'
import { customArgs, type Mail, mail, recipients } from './mail.ts'
import { createSuppressions, suppressionsApi } from './suppressions.ts'

/** SendGrid's v3 mail/send. */
export function sendgridApi(world: World): Router {
  const batch = createBatch(world)
  const suppressions = createSuppressions(world.now)
  const router = Router()
  router.use(door(world, 'sendgrid', () => true, { down, refuse: busy }))
  router.use((request, response, next) => {
    if (request.get('authorization') === `Bearer ${credentials.sendgrid.apiKey}`) return next()
    fail(response, 401, 'The provided authorization grant is invalid, expired, or revoked')
  })
  router.post('/v3/mail/send', express.json({ limit: '30mb', strict: false }), (request, response) =>
    send({ world, batch, suppressions }, request, response),
  )
  router.all('/v3/mail/send', (_request, response) => fail(response, 405, 'method not allowed'))
  router.use(suppressionsApi(suppressions, (response, status) => fail(response, status, 'not found')))
  router.use((_request, response) => fail(response, 404, 'not found'))
  router.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    unreadable(response, error),
  )
  return router
}

async function send(books: Books, request: Request, response: Response): Promise<void> {
  const { world } = books
  const read = mail.safeParse(request.body)
  const wrong = read.success ? complaints(read.data) : shapeComplaints(read.error)
  if (!read.success || wrong.length > 0) return failWith(response, 400, wrong)
  const order = read.data
  if (!ownDomain(order.from?.email ?? '')) return unverified(response)
  // SendGrid's own sandbox mode: checked and nothing more, answered 200 instead of 202.
  if (order.mail_settings?.sandbox_mode?.enable) return void response.status(200).end()
  const first = order.personalizations?.[0]?.to[0]?.email ?? ''
  const story = emailStory(first)
  const stop = obstacle(world, 'sendgrid', first, story)
  if (stop === 'down') return down(response)
  if (stop === 'busy') return busy(response)
  if (stop) return fail(response, 400, 'Does not contain a valid address.', 'personalizations.0.to.0.email')

  const id = randomBytes(16).toString('base64url')
  keepMail(world, order, id)
  await Promise.all(parcels(order, id).map((parcel) => playParcel(books, parcel)))
  conclude(world, response, story, () => void response.status(202).setHeader('X-Message-Id', id).end())
}

function keepMail(world: World, order: Mail, id: string): void {
  const text = order.content?.find(({ type }) => type === 'text/plain')?.value
  const html = order.content?.find(({ type }) => type === 'text/html')?.value
  for (const one of order.personalizations ?? []) {
    const to = one.to[0]?.email ?? ''
    const headers = Object.entries({ ...order.headers, ...one.headers })
    keep(world, {
      provider: 'sendgrid',
      channel: 'email',
      id,
      to,
      from: order.from?.email ?? '',
      subject: one.subject ?? order.subject ?? '',
      ...(text !== undefined && { text }),
      ...(html !== undefined && { html }),
      story: emailStory(to),
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
      references: customArgs(order, one),
    })
  }
}

function parcels(order: Mail, id: string): Parcel[] {
  const html = order.content?.find(({ type }) => type === 'text/html')?.value ?? ''
  const { open_tracking: opens, click_tracking: clicks } = order.tracking_settings ?? {}
  const link = clicks?.enable ? /href\s*=\s*["']?(https?:[^"'\s>]+)/i.exec(html)?.[1] : undefined
  return (order.personalizations ?? []).flatMap((one) =>
    recipients(one).map((email) => ({
      id,
      email,
      categories: order.categories ?? undefined,
      customArgs: customArgs(order, one),
      opens: opens?.enable === true && html !== '',
      link,
    })),
  )
}

function failWith(response: Response, status: number, errors: Complaint[]): void {
  because(response, errors.map(({ field, message }) => `${field ?? ''} ${message}`.trim()).join('; '))
  response.status(status).json({ errors })
}

function fail(response: Response, status: number, message: string, field: string | null = null): void {
  failWith(response, status, [{ message, field, help: null }])
}

function down(response: Response): void {
  fail(response, 500, 'Internal Server Error')
}

function busy(response: Response): void {
  const reset = String(Math.floor(Date.now() / 1_000) + 1)
  response.set({ 'X-RateLimit-Limit': '600', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': reset })
  because(response, 'too many requests')
  response.status(429).json({ errors: [{ field: null, message: 'too many requests' }] })
}

function unverified(response: Response): void {
  const message =
    'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements'
  fail(response, 403, message, 'from')
}

/** Too large is answered by SendGrid's nginx, in HTML. */
function unreadable(response: Response, error: unknown): void {
  const tooLarge = error instanceof Error && 'type' in error && error.type === 'entity.too.large'
  if (tooLarge) because(response, 'over 30 MB')
  const title = '413 Request Entity Too Large'
  const html = `<html><head><title>${title}</title></head><body>${title}</body></html>`
  if (tooLarge) response.status(413).type('html').send(html)
  else fail(response, 400, 'Bad Request')
}
