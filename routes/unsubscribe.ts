import type { Request, Response, Router } from 'express'
import type { Unsubscribe } from '#src/email/unsubscribe.ts'
import { unsubscribePath } from '#src/email/unsubscribe-link.ts'
import { fromPage, pagePolicy, type UnsubscribePage, unsubscribePage } from '#src/email/unsubscribe-page.ts'
import { AppError } from '#src/model/errors.ts'
import { languages } from '#src/model/language.ts'
import type { Room } from '#src/runtime/room.ts'
import { rawBody } from './body.ts'
import { exactRouter } from './router.ts'

/** What a mail program posts is some 30 bytes, as a form of either kind. */
const mostBytes = 16 * 1024

/**
 * Where the link of a mail leads (RFC 8058). `POST` unsubscribes: without a cookie or a token of the API, whatever its body says,
 * and is answered 200 when it is kept, never by a redirect. `GET` shows a page that asks, since scanners follow every link.
 */
export function unsubscribeRoutes({ unsubscribe, room }: { unsubscribe: Unsubscribe; room: Room }): Router {
  const router = exactRouter()

  router.get(`${unsubscribePath}/:token`, (request, response) => {
    named(response)
    const known = unsubscribe.isLink(request.params.token)
    show(request, response, known ? 'asks' : 'unknown')
  })

  router.post(`${unsubscribePath}/:token`, async (request, response) => {
    named(response)
    await rawBody(request, response, { mostBytes, room })
    const pressed = request.query[fromPage] === undefined ? 'one_click' : 'page'
    const requestId = String(response.locals.requestId)
    const done = await unsubscribe.by(request.params.token, pressed, requestId).catch((error) => {
      if (pressed === 'page' && error instanceof AppError && error.status === 503) return undefined
      throw error
    })
    if (done === undefined) response.set('Retry-After', '60')
    // A mail program reads no page, only that it worked.
    if (done && pressed === 'one_click')
      response.set('Cache-Control', 'no-store').type('text/plain').send('unsubscribed\n')
    else show(request, response, done === undefined ? 'later' : done ? 'done' : 'unknown')
  })
  return router
}

/** The log is not to hold what unsubscribes. */
function named(response: Response): void {
  response.locals.door = 'email'
  response.locals.path = `${unsubscribePath}/:token`
}

const statuses: Readonly<Record<UnsubscribePage, number>> = { asks: 200, done: 200, unknown: 404, later: 503 }

function show(request: Request, response: Response, page: UnsubscribePage): void {
  const preferred = request.acceptsLanguages([...languages])
  const language = languages.find((one) => one === preferred) ?? 'fr'
  response
    .status(statuses[page])
    .set({
      'Cache-Control': 'no-store',
      'Content-Language': language,
      'Content-Security-Policy': pagePolicy,
      // The address of the page is what unsubscribes.
      'Referrer-Policy': 'no-referrer',
      'X-Robots-Tag': 'noindex',
    })
    .type('html')
    .send(unsubscribePage(page, language))
}
