import type { Router } from 'express'
import { z } from 'zod'
import { invalid, line, moment, parsed } from '#src/api/params.ts'
import { replayPosition } from '#src/replay/cursor.ts'
import { replay, replayAnswer } from '#src/replay/replay.ts'
import type { ReplayTools } from '#src/replay/replayed.ts'
import { jsonBody } from './body.ts'
import { opsOfAllTenants, opsOnly } from './guard.ts'
import { exactRouter } from './router.ts'

/** As many as one request reads before it answers: 5,000 items, a few seconds' work. */
const pages = 25

const wish = z.strictObject({
  since: moment,
  provider: line(100).optional(),
  dryRun: z.boolean().default(false),
  effects: z.boolean().default(false),
  cursor: line(40).optional(),
})

/**
 * `POST /replay`: reads again what webhooks told since then, a part of it a request: `nextCursor` is to be handed back
 * until it is null. Ops tokens without a tenant only.
 */
export function replayRoutes(tools: ReplayTools): Router {
  const router = exactRouter()
  router.post('/replay', opsOnly, jsonBody(), async (request, response) => {
    opsOfAllTenants(response, 'replay: concerns every tenant')
    const { cursor, ...wanted } = parsed(wish, request.body)
    if (wanted.provider !== undefined && !tools.readers.has(wanted.provider))
      throw invalid([{ path: 'provider', message: `must be one of ${[...tools.readers.keys()].join(', ')}` }])
    const from = cursor === undefined ? undefined : replayPosition(cursor)
    const done = await replay(tools, { ...wanted, from, pages })
    response.json({ success: true, dryRun: wanted.dryRun, ...replayAnswer(done) })
  })
  return router
}
