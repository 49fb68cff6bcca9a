import type { Request, Response, Router } from 'express'
import { z } from 'zod'
import type { Action, ActionAnswer, Asking } from '#src/api/action.ts'
import { parsed } from '#src/api/params.ts'
import { AppError } from '#src/model/errors.ts'
import { languageOf } from '#src/model/language.ts'
import { jsonBody, refuseLarge } from './body.ts'
import { accessFrom } from './guard.ts'
import { exactRouter } from './router.ts'

const envelope = z.strictObject({ action: z.string().max(100), params: z.unknown().optional() })

const escalating = z.object({
  escalate: z.array(z.unknown()).refine((steps) => steps.some((step) => emailStep.safeParse(step).success)),
})
const emailStep = z.object({ action: z.literal('sendEmail') })

/** Of an email with its attachments. */
const mostBytes = 25 * 1024 * 1024

/** `POST /max/actions`: everything that may be asked, by name, in one envelope. */
export function actionRoutes(actions: ReadonlyMap<string, Action>): Router {
  const router = exactRouter()
  router.post('/max/actions', jsonBody(mostBytes), async (request, response) => {
    const { action, params } = parsed(envelope, request.body)
    if (!asksForEmail(action, params)) refuseLarge(response)
    const run = actions.get(action)
    if (!run)
      throw new AppError('unknown_action', 404, `action: there is none of this name`, {
        details: { actions: [...actions.keys()] },
      })
    answer(response, await run(params ?? {}, asking(request, response)))
  })
  return router
}

/** Also as a step that may follow. */
function asksForEmail(action: string, params: unknown): boolean {
  return action === 'sendEmail' || escalating.safeParse(params).success
}

export function asking(request: Request, response: Response): Asking {
  return {
    access: accessFrom(response),
    requestId: String(response.locals.requestId),
    language: languageOf(request.get('accept-language')),
    idempotencyKey: request.get('idempotency-key'),
  }
}

export function answer(response: Response, { status, body }: ActionAnswer): void {
  response.status(status).json(body)
}

/** An action that is there for sure: asked for by a route of its own. */
export function known(actions: ReadonlyMap<string, Action>, name: string): Action {
  const action = actions.get(name)
  if (!action) throw new Error(`there is no action ${name}`)
  return action
}
