import type { Router } from 'express'
import { z } from 'zod'
import type { Prepare } from '#src/api/escalate-params.ts'
import { parsed } from '#src/api/params.ts'
import type { Providers } from '#src/carriers/providers.ts'
import type { CheckEmail } from '#src/email/check.ts'
import { languages } from '#src/model/language.ts'
import { asking } from './actions.ts'
import { jsonBody } from './body.ts'
import { exactRouter } from './router.ts'

/** As a send with its attachments. */
const mostBytes = 25 * 1024 * 1024
const query = z.strictObject({ lang: z.enum(languages).optional() })

/** `POST /email/check`: what a receiver would object to in this mail. It takes what `sendEmail` takes, and sends nothing. */
export function emailCheckRoutes(tools: {
  check: CheckEmail
  sends: ReadonlyMap<string, Prepare>
  providers: Providers
}): Router {
  const { check, sends, providers } = tools
  const router = exactRouter()
  router.post('/email/check', jsonBody(mostBytes), async (request, response) => {
    const asked = asking(request, response)
    const { lang = asked.language } = parsed(query, request.query)
    const { message, provider: named } = sends.get('sendEmail')?.(request.body ?? {}, asked) ?? {}
    if (message?.channel !== 'email') throw new Error('sendEmail made something else of a mail')
    const provider = named === undefined ? providers.primary.email : providers.on.get(named)
    response.json({ success: true, findings: await check(message, provider, lang) })
  })
  return router
}
