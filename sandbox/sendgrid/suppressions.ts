import { type Request, type Response, Router } from 'express'

const names = ['bounces', 'invalid_emails', 'spam_reports', 'unsubscribes', 'blocks'] as const
type Name = (typeof names)[number]

interface Entry {
  email: string
  created: number
  reason?: string
  status?: string
}

export type Suppressions = ReturnType<typeof createSuppressions>

/** Whom SendGrid writes to no more, and why, list by list. */
export function createSuppressions(now: () => Date) {
  const lists = new Map<string, Map<string, Entry>>(names.map((name) => [name, new Map()]))
  return {
    add(list: Name, email: string, why: { reason?: string; status?: string } = {}): void {
      lists
        .get(list)
        ?.set(email.toLowerCase(), { email, created: Math.floor(now().getTime() / 1_000), ...why })
    },
    of: (list: string) => lists.get(list),
  }
}

/**
 * `GET` and `DELETE /v3/suppression/<list>`, and the global unsubscribes under their own name
 * (https://www.twilio.com/docs/sendgrid/api-reference/bounces-api and its neighbours).
 */
export function suppressionsApi(
  suppressions: Suppressions,
  fail: (response: Response, status: number) => void,
): Router {
  const router = Router()
  router.get('/v3/suppression/:list', (request, response) => {
    const list = suppressions.of(request.params.list)
    if (!list) return fail(response, 404)
    const [from, limit, offset] = [
      number(request, 'start_time', 0),
      number(request, 'limit', 500),
      number(request, 'offset', 0),
    ]
    const newestFirst = [...list.values()].filter(({ created }) => created >= from).reverse()
    response.json(newestFirst.slice(offset, offset + Math.min(limit, 500)))
  })
  const remove = (name: string, request: Request, response: Response) => {
    const email = String(request.params.email).toLowerCase()
    if (suppressions.of(name)?.delete(email)) response.status(204).end()
    else fail(response, 404)
  }
  router.delete('/v3/suppression/:list/:email', (request, response) =>
    remove(request.params.list, request, response),
  )
  router.delete('/v3/asm/suppressions/global/:email', (request, response) =>
    remove('unsubscribes', request, response),
  )
  return router
}

function number(request: Request, name: string, otherwise: number): number {
  const said = Number(request.query[name] ?? otherwise)
  return Number.isSafeInteger(said) && said >= 0 ? said : otherwise
}
