import express, { type NextFunction, type Request, type Response, Router } from 'express'
import { credentials } from '../credentials.ts'
import { door } from '../door.ts'
import type { World } from '../world.ts'
import { refuse, written } from './answer.ts'
import { attendeesOf, setAcceptance } from './attendees.ts'
import { bodyOf } from './body.ts'
import type { Books } from './books.ts'
import { login } from './login.ts'
import { recordRoutes } from './records.ts'
import { EspoRefusal, notFound } from './refusal.ts'
import { searchOf } from './search.ts'
import { appUser, metadata } from './self-test.ts'
import { streamOf } from './stream.ts'

const away = new EspoRefusal(500, '')
const maintenance = new EspoRefusal(503, 'Application is in maintenance mode.')

/** EspoCRM's REST API, as far as one who writes to it about messages needs it. */
export function espocrmApi(world: World, books: Books): Router {
  const router = Router()
  router.use(
    door(world, 'espocrm', (request) => request.method !== 'GET', {
      down: (response) => refuse(response, away),
      refuse: (response) => refuse(response, maintenance),
    }),
  )
  router.use((request, _response, next) => {
    login(books, request)
    next()
  })
  router.use(express.text({ type: () => true, limit: '40mb' }))
  router.use('/api/v1', special(world, books), recordRoutes(world, books))
  router.use(() => {
    throw notFound('')
  })
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (error instanceof EspoRefusal) refuse(response, error)
    else next(error)
  })
  return router
}

/** What is not a plain record. */
function special(world: World, books: Books): Router {
  const router = Router()
  router.get('/App/user', (_request, response) => void response.json(appUser(books)))
  router.get('/Metadata', (request, response) => void response.json(metadata(books, request.query.key)))
  router.post('/Meeting/action/setAcceptanceStatus', (request, response) => {
    setAcceptance(books, credentials.espocrm.userId, bodyOf(request))
    written(world, books, response, 'setAcceptanceStatus Meeting', true)
  })
  router.get('/Meeting/:id/attendees', (request, response) => {
    response.json({ list: attendeesOf(books, request.params.id) })
  })
  router.get('/:entity/:id/stream', (request, response) => {
    const { entity, id } = request.params
    response.json({ ...streamOf(books, entity, id, searchOf(request.url)), pinnedList: [] })
  })
  router.get('/:entity/:id/posts', (request, response) => {
    const { entity, id } = request.params
    response.json(streamOf(books, entity, id, searchOf(request.url)))
  })
  return router
}
