import { type Request, type Response, Router } from 'express'
import type { World } from '../world.ts'
import { written } from './answer.ts'
import { bodyOf } from './body.ts'
import { type Books, find } from './books.ts'
import { type EntityName, isEntity } from './entities.ts'
import { linkedIds } from './linked.ts'
import { type Listing, listed, pageOf } from './list.ts'
import { notFound } from './refusal.ts'
import { demand } from './role.ts'
import { type Search, searchOf } from './search.ts'
import { shown } from './shown.ts'
import { create, remove, update } from './write.ts'

/** The records of every entity: listed, read, made, changed and taken away, always with 200. */
export function recordRoutes(world: World, books: Books): Router {
  const router = Router()
  router.get('/:entity', (request, response) => {
    const counts = request.get('x-no-total')?.toLowerCase() !== 'true'
    response.json(listed(books, entityOf(request.params.entity), searchOf(request.url), counts))
  })
  router.get('/:entity/:id', (request, response) => {
    const { id } = request.params
    const entity = entityOf(request.params.entity)
    demand(books.switches, entity, 'read')
    const record = find(books, entity, id)
    if (record === undefined) throw notFound(`Record ${id} does not exist.`)
    response.json(shown(books, record))
  })
  router.get('/:entity/:id/meetings', (request, response) => {
    response.json(meetingsOf(books, request.params, searchOf(request.url)))
  })
  router.post('/:entity', (request, response) => {
    const body = bodyOf(request)
    const header = request.get('x-skip-duplicate-check')
    const skipDuplicateCheck =
      header === undefined ? Boolean(body._skipDuplicateCheck) : header.toLowerCase() === 'true'
    const entity = entityOf(request.params.entity)
    const record = create(books, entity, body, { skipDuplicateCheck })
    written(world, books, response, `create ${entity}`, record)
  })
  const change = (request: Request<{ entity: string; id: string }>, response: Response) => {
    const header = request.get('x-version-number')
    const version = header === undefined ? undefined : Number(header)
    const { id } = request.params
    const entity = entityOf(request.params.entity)
    const record = update(books, entity, id, bodyOf(request), version)
    written(world, books, response, `update ${entity} ${id}`, record)
  }
  router.put('/:entity/:id', change)
  router.patch('/:entity/:id', change)
  router.delete('/:entity/:id', (request, response) => {
    const { id } = request.params
    const entity = entityOf(request.params.entity)
    remove(books, entity, id)
    written(world, books, response, `delete ${entity} ${id}`, true)
  })
  return router
}

function entityOf(name: string): EntityName {
  if (isEntity(name)) return name
  throw notFound(`Controller '${name}' does not exist.`)
}

/** The meetings that a person attends; those that are only about them are not among these. */
function meetingsOf(books: Books, { entity, id }: { entity: string; id: string }, search: Search): Listing {
  demand(books.switches, entity, 'read')
  demand(books.switches, 'Meeting', 'read')
  const record = entity === 'Lead' || entity === 'Contact' ? find(books, entity, id) : undefined
  if (record === undefined) throw notFound(`Record ${id} not found.`)
  const found = linkedIds(books, record, 'meetings').flatMap((one) => find(books, 'Meeting', one) ?? [])
  return pageOf(books, 'Meeting', found, search, true)
}
