import { randomUUID } from 'node:crypto'
import { type RequestHandler, Router } from 'express'

interface Entry {
  id: string
  email: string
  origin: 'bounce' | 'complaint'
  source_id: string
  created_at: string
}

export type Suppressions = ReturnType<typeof createSuppressions>

/** Whom Resend writes to no more, the newest first. */
export function createSuppressions(now: () => Date) {
  let entries: Entry[] = []
  const of = (which: string): Entry | undefined =>
    entries.find(({ id, email }) => id === which || email === which.toLowerCase())
  return {
    of,
    add(origin: Entry['origin'], email: string, source: string): void {
      if (of(email)) return
      entries = [
        { id: randomUUID(), email, origin, source_id: source, created_at: now().toISOString() },
        ...entries,
      ]
    },
    remove(which: string): Entry | undefined {
      const found = of(which)
      entries = entries.filter((one) => one !== found)
      return found
    },
    page(limit: number, after: string | undefined) {
      const from = after === undefined ? 0 : entries.findIndex(({ id }) => id === after) + 1
      return { data: entries.slice(from, from + limit), has_more: entries.length > from + limit }
    },
  }
}

/** https://resend.com/docs/api-reference/suppressions/list-suppressions and remove-suppression */
export function suppressionsApi(suppressions: Suppressions, missing: RequestHandler): Router {
  const router = Router()
  router.get('/suppressions', (request, response) => {
    const { limit, after } = request.query
    const page = suppressions.page(
      Math.min(Number(limit ?? 20), 100),
      after === undefined ? undefined : String(after),
    )
    response.json({ object: 'list', ...page })
  })
  router.get('/suppressions/:which', (request, response, next) => {
    const found = suppressions.of(request.params.which)
    if (found) response.json({ object: 'suppression', ...found })
    else next()
  })
  router.delete('/suppressions/:which', (request, response, next) => {
    const removed = suppressions.remove(request.params.which)
    if (removed) response.json({ object: 'suppression', id: removed.id, deleted: true })
    else next()
  })
  router.use('/suppressions', missing)
  return router
}
