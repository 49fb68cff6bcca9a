import { randomUUID } from 'node:crypto'
import type { Response, Router } from 'express'
import { z } from 'zod'
import { nextPersonCursor, pageSize, personPositionOf } from '#src/api/paging.ts'
import { addressOn, invalid, line, parsed } from '#src/api/params.ts'
import { releaseThere } from '#src/carriers/release-there.ts'
import type { Provider } from '#src/contract/provider.ts'
import { AppError } from '#src/model/errors.ts'
import { type Channel, channels } from '#src/model/message.ts'
import type { Log } from '#src/runtime/log.ts'
import type { SaidOfAddress, Suppression } from '#src/store/calls/suppressions.ts'
import type { Store } from '#src/store/store.ts'
import { jsonBody } from './body.ts'
import { accessFrom, opsOnly } from './guard.ts'
import { exactRouter } from './router.ts'

const channel = z.enum(channels)
const query = z.strictObject({
  channel: channel.optional(),
  address: line(320).optional(),
  limit: pageSize,
  cursor: line(1_000).optional(),
})
const entry = z.strictObject({ channel, address: line(320), reason: line(500) })
const release = entry.extend({ force: z.boolean().default(false) })

/** Who is not written to, entered and freed by people: `/suppressions`. Tokens with the ops scope only. */
export function suppressionRoutes(tools: {
  store: Store
  providers: ReadonlyMap<string, Provider>
  country: string
  log: Log
}): Router {
  const { store, country, log } = tools
  const freeThere = releaseThere(tools.providers, log)
  const router = exactRouter()

  router.get('/suppressions', opsOnly, async (request, response) => {
    const { channel, address, limit, cursor } = parsed(query, request.query)
    if (address !== undefined && channel === undefined)
      throw invalid([{ path: 'channel', message: 'is required (an address is one of a channel)' }])
    const rows = await store.listSuppressions({
      tenantId: accessFrom(response).tenantId,
      channel,
      address: address === undefined || channel === undefined ? undefined : kept(channel, address),
      after: cursor === undefined ? undefined : personPositionOf(cursor),
      limit: limit + 1,
    })
    response.json({
      success: true,
      suppressions: rows.slice(0, limit).map(shown),
      nextCursor: nextPersonCursor(rows, limit),
    })
  })

  router.post('/suppressions', opsOnly, jsonBody(), async (request, response) => {
    const suppression = await store.suppressAddress(said(parsed(entry, request.body), response))
    log.info('address_suppressed', { channel: suppression.channel })
    response.status(201).json({ success: true, suppression: shown(suppression) })
  })

  router.post('/suppressions/release', opsOnly, jsonBody(), async (request, response) => {
    const { force, ...wanted } = parsed(release, request.body)
    const person = said(wanted, response)
    const { outcome, suppression } = await store.releaseAddress(person, force)
    if (outcome === 'missing' || !suppression)
      throw new AppError('not_found', 404, 'address: nothing speaks against it on this channel')
    if (outcome === 'needs_force')
      throw new AppError(
        'needs_force',
        409,
        'address: its person asked not to be written to (only where they want it again: with "force": true)',
        { details: { suppression: shown(suppression) } },
      )
    log.info('address_released', { channel: wanted.channel, force })
    const atProviders = wanted.channel === 'email' ? await freeThere(person.address, force) : []
    response.json({ success: true, suppression: shown(suppression), atProviders })
  })

  function kept(on: Channel, address: string): string {
    return parsed(z.object({ address: addressOn(on, country) }), { address }).address
  }

  function said({ channel, address, reason }: z.infer<typeof entry>, response: Response): SaidOfAddress {
    const { tenantId, bearer } = accessFrom(response)
    return {
      channel,
      address: kept(channel, address),
      reason,
      by: bearer,
      tenantId,
      eventId: `said:${randomUUID()}`,
      requestId: String(response.locals.requestId),
    }
  }
  return router
}

function shown(row: Suppression): Suppression {
  const { since, until, ...said } = row
  const iso = (at: string) => new Date(at).toISOString()
  return { ...said, since: iso(since), ...(until === undefined ? {} : { until: iso(until) }) }
}
