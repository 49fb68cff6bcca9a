import express, { type NextFunction, type Request, type Response, Router } from 'express'
import type { World } from '../world.ts'
import { approvalResource, looked, submitted } from './approval.ts'
import { readContent } from './content-order.ts'
import { type ContentRecord, contentResource, opened } from './content-record.ts'
import { refuse } from './errors.ts'
import type { TwilioBooks } from './record.ts'

/** Twilio's Content API: templates, and what WhatsApp says of them (twilio.com/docs/content/content-api-resources). */
export function contentRoutes(world: World, { contents }: TwilioBooks): Router {
  const router = Router()
  const of = (request: Request, response: Response, use: (record: ContentRecord) => void) => {
    const record = contents.get(String(request.params.sid))
    if (record) use(record)
    else refuse(response, 20404, request.path)
  }
  router.use(express.json({ limit: '1mb' }))
  router.post('/Content', (request, response) => {
    const order = readContent(request.body)
    if ('complaint' in order) return refuse(response, 20001, order.complaint)
    const record = opened(order, world.now())
    contents.set(record.sid, record)
    response.status(201).json(contentResource(record))
  })
  router.get('/Content', (request, response) => void response.json(page(contents.values(), request)))
  router.get('/Content/:sid', (request, response) =>
    of(request, response, (record) => void response.json(contentResource(record))),
  )
  router.delete('/Content/:sid', (request, response) =>
    of(request, response, ({ sid }) => {
      contents.delete(sid)
      response.status(204).end()
    }),
  )
  router.post('/Content/:sid/ApprovalRequests/whatsapp', (request, response) =>
    of(request, response, (record) => {
      const approval = submitted(record, request.body, contents.values())
      if ('complaint' in approval) return refuse(response, 20001, approval.complaint)
      response.status(201).json(approvalResource(record))
    }),
  )
  router.get('/Content/:sid/ApprovalRequests', (request, response) =>
    of(request, response, (record) => {
      looked(record)
      const { sid, account_sid, links } = contentResource(record)
      response.json({ sid, account_sid, url: links.approval_fetch, whatsapp: approvalResource(record) })
    }),
  )
  router.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    refuse(response, 20001, 'Invalid body. It is not JSON'),
  )
  return router
}

/** The newest first; the addresses of other pages name the real host, as the real API's do. */
function page(records: readonly ContentRecord[], { query }: Request) {
  const size = Math.min(Math.max(Number(query.PageSize) || 50, 1), 500)
  const number = Math.max(Number(query.Page) || 0, 0)
  const url = (at: number) => `https://content.twilio.com/v1/Content?PageSize=${size}&Page=${at}`
  const shown = records.toReversed().slice(number * size, (number + 1) * size)
  return {
    contents: shown.map(contentResource),
    meta: {
      page: number,
      page_size: size,
      first_page_url: url(0),
      previous_page_url: number > 0 ? url(number - 1) : null,
      url: url(number),
      next_page_url: records.length > (number + 1) * size ? url(number + 1) : null,
      key: 'contents',
    },
  }
}
