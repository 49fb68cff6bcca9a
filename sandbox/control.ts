import express, { type NextFunction, type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { checked } from './checked.ts'
import { crmControl } from './espocrm/control.ts'
import type { SandboxCrm } from './espocrm/crm.ts'
import { type InstanceState, instanceStates } from './greenapi/instance.ts'
import { providerNames } from './line.ts'
import { isLoopback } from './loopback.ts'
import { outageKinds } from './outages.ts'
import { page } from './page.ts'
import { type Said, type Saying, saying } from './say.ts'
import { stories } from './stories.ts'
import type { World } from './world.ts'

/** How an outage is asked for: until `count` sends or `seconds` have passed, or until it is ended. */
export const outageOrder = z.strictObject({
  provider: z.enum(providerNames),
  kind: z.enum(outageKinds),
  count: z.int().min(1, 'must be at least 1').optional(),
  seconds: z.number().positive('must be more than 0').optional(),
})

const baseUrlOrder = z.strictObject({
  url: z.url().refine((url) => isLoopback(new URL(url).hostname), {
    message:
      'must be on this machine, such as http://localhost:3000; for another, start the sandbox with BASE_URL',
  }),
})

const stateOrder = z.strictObject({ state: z.enum(instanceStates) })

/** What the control API may do to the sandbox. */
export interface Controls {
  say(input: Saying): Promise<Said>
  /** The state of Green-API's instance; resolves with the first answer of its webhook. */
  setGreenapiState(state: InstanceState): Promise<number | null>
  setBaseUrl(url: string): void
  crm: SandboxCrm
  forget(): void
}

/** The control API, for people and tests. It trusts whoever reaches it: the sandbox listens on loopback only. */
export function controlApi(world: World, controls: Controls): Router {
  const router = Router()
  router.use(express.json({ limit: '100kb' }))
  router.get('/', (request, response) => {
    const received = world.received.values()
    if (request.accepts(['json', 'html']) === 'html')
      return void response.type('html').send(page(stories, received, controls.crm.records()))
    const { baseUrl = null } = world
    response.json({
      stories,
      baseUrl,
      outages: world.outages.list(),
      received,
      webhooks: world.post.attempts(),
    })
  })
  router.get('/messages', (_request, response) => void response.json({ messages: world.received.values() }))
  router.get('/webhooks', (_request, response) => void response.json({ webhooks: world.post.attempts() }))
  router.post('/say', async (request, response) => {
    const order = checked(saying, request, response)
    if (order) response.json(await controls.say(order))
  })
  router.post('/outage', (request, response) => {
    const outage = checked(outageOrder, request, response)
    if (!outage) return
    world.outages.begin(outage)
    const { provider, kind } = outage
    world.log({ event: 'outage_began', provider, text: `${kind} ${JSON.stringify(outage)}` })
    response.json({ outages: world.outages.list() })
  })
  router.post('/greenapi/state', async (request, response) => {
    const order = checked(stateOrder, request, response)
    if (order) response.json({ ...order, status: await controls.setGreenapiState(order.state) })
  })
  router.use('/crm', crmControl(controls.crm))
  router.delete('/outage', (_request, response) => {
    world.outages.end()
    response.json({ outages: [] })
  })
  router.delete('/messages', (_request, response) => {
    controls.forget()
    response.json({ messages: [] })
  })
  router.post('/base-url', (request, response) => {
    const order = checked(baseUrlOrder, request, response)
    if (!order) return
    controls.setBaseUrl(order.url)
    response.json({ baseUrl: world.baseUrl })
  })
  router.use(
    (_request, response) => void response.status(404).json({ error: 'no such page: GET /sandbox lists all' }),
  )
  router.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(400).json({ error: 'the body is not JSON (send content-type: application/json)' })
  })
  return router
}
