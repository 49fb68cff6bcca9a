import type { Request, RequestHandler, Response } from 'express'
import type { Email } from '#src/email/email.ts'
import { pixel } from '#src/email/pixel.ts'

const neverStored = 'no-store, no-cache, must-revalidate, private, max-age=0'

/** The same for whoever asks with whatever: nothing of an address that is not ours is shown. */
const noSuchLink = `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Lien introuvable</title></head>
<body><main><h1>Ce lien ne mène nulle part</h1><p>Il est incomplet, ou il n’est pas de nous. Ouvrez-le depuis l’e-mail.</p>
<p lang="en">This link leads nowhere: it is incomplete, or not ours. Open it from the email.</p></main></body></html>
`

/**
 * What a mail of ours asks for when it is read: `/api/email/track/….gif` and `/api/email/click/…`. The answer is given before
 * anything is kept. Looked at as it stands: a picture is a picture, whatever stands behind the slash.
 */
export function emailRoutes({ tokens, reads }: Pick<Email, 'tokens' | 'reads'>): RequestHandler {
  return (request, response, next) => {
    const [, door, token = ''] = /^\/api\/email\/(track|click)\/(.*)$/.exec(request.path) ?? []
    if (door === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return next()
    response.locals.door = 'email'
    // The log is not to hold what opens it again.
    response.locals.path = `/api/email/${door}/:token`
    response.set({ 'Cache-Control': neverStored, Pragma: 'no-cache', 'X-Robots-Tag': 'noindex, nofollow' })
    if (door === 'track') return opened(request, response, token)
    return clicked(request, response, token)
  }

  function opened(request: Request, response: Response, token: string): void {
    // A mail is read on pages of others.
    response.set('Cross-Origin-Resource-Policy', 'cross-origin')
    response.type('image/gif').send(pixel)
    const messageId = tokens?.opened(token.replace(/\.gif$/, ''))
    if (messageId !== undefined) told(request, response, { messageId })
  }

  function clicked(request: Request, response: Response, token: string): void {
    const link = tokens?.clicked(token)
    if (!link) return void response.status(404).type('html').send(noSuchLink)
    response.set({ 'Referrer-Policy': 'no-referrer', Location: link.url }).status(302).end()
    told(request, response, link)
  }

  function told(request: Request, response: Response, read: { messageId: string; url?: string }): void {
    if (request.method === 'HEAD') reads.looked(read.messageId)
    else
      reads.note({ ...read, agent: request.get('user-agent'), requestId: String(response.locals.requestId) })
  }
}
