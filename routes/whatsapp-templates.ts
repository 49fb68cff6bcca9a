import type { Router } from 'express'
import type { SendTemplate } from '#src/templates/send-template.ts'
import type { Templates } from '#src/templates/templates.ts'
import { answer, asking } from './actions.ts'
import { jsonBody } from './body.ts'
import { exactRouter } from './router.ts'

/** `/whatsapp/messages`: message templates, and `/:id/send`, which sends one. */
export function whatsappTemplateRoutes(tools: { templates: Templates; sendTemplate: SendTemplate }): Router {
  const { templates, sendTemplate } = tools
  const router = exactRouter()

  router.get('/whatsapp/messages', async (request, response) => {
    answer(response, await templates.list(request.query, asking(request, response)))
  })

  router.post('/whatsapp/messages', jsonBody(), async (request, response) => {
    answer(response, await templates.create(request.body, asking(request, response)))
  })

  router.get('/whatsapp/messages/:id', async (request, response) => {
    answer(response, await templates.get(request.params.id, asking(request, response)))
  })

  router.patch('/whatsapp/messages/:id', jsonBody(), async (request, response) => {
    const { id } = request.params
    answer(response, await templates.change(id, request.body, asking(request, response)))
  })

  router.delete('/whatsapp/messages/:id', async (request, response) => {
    answer(response, await templates.remove(request.params.id, asking(request, response)))
  })

  router.post('/whatsapp/messages/:id/send', jsonBody(), async (request, response) => {
    const { id } = request.params
    answer(response, await sendTemplate(id, request.body, asking(request, response)))
  })
  return router
}
