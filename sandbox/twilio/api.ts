import { timingSafeEqual } from 'node:crypto'
import express, { type Request, type Response, Router } from 'express'
import { credentials } from '../credentials.ts'
import { conclude, door } from '../door.ts'
import { phoneStory } from '../stories.ts'
import { keep, obstacle, type World } from '../world.ts'
import { playMessage } from './callbacks.ts'
import { contentRoutes } from './content.ts'
import { refuse } from './errors.ts'
import { listing } from './listing.ts'
import { form, type Order, readOrder } from './order.ts'
import { isWhatsApp, newSid, resource, type TwilioBooks, type TwilioRecord } from './record.ts'

const obstacles = new Map([
  ['refused', 21211],
  ['busy', 20429],
  ['down', 20500],
])

/** Twilio's Messages API, as far as a sender needs it. */
export function twilioApi(world: World, books: TwilioBooks): Router {
  const messages = '/2010-04-01/Accounts/:account/Messages'
  const router = Router()
  router.use(
    door(world, 'twilio', (request) => request.method === 'POST', {
      down: (response) => refuse(response, 20500),
      refuse: (response) => refuse(response, 20429),
    }),
  )
  router.use('/2010-04-01/Accounts/:account', (request, response, next) =>
    proven(request) && request.params.account === credentials.twilio.accountSid
      ? next()
      : refuse(response, 20003),
  )
  router.use(
    '/v1',
    (request, response, next) => (proven(request) ? next() : refuse(response, 20003)),
    contentRoutes(world, books),
  )
  router.post(
    `${messages}.json`,
    express.urlencoded({ extended: false, limit: '1mb' }),
    (request, response) => create(world, books, request, response),
  )
  router.get(`${messages}.json`, (request, response) => void response.json(listing(books, request)))
  router.get(`${messages}/:file`, (request, response) => {
    const record = books.records.get(request.params.file.replace(/\.json$/, ''))
    if (record) response.json(resource(record))
    else refuse(response, 20404, request.path)
  })
  router.use((request, response) => refuse(response, 20404, request.path))
  return router
}

function proven(request: Request): boolean {
  const { accountSid, authToken } = credentials.twilio
  const wanted = Buffer.from(`Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`)
  const given = Buffer.from(request.get('authorization') ?? '')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function create(world: World, books: TwilioBooks, request: Request, response: Response): Promise<void> {
  const order = readOrder(form.parse(request.body ?? {}), books, world.baseUrl)
  if ('code' in order) return refuse(response, order.code, order.value, order.hint)
  const story = phoneStory(order.to)
  const code = obstacles.get(obstacle(world, 'twilio', order.to, story) ?? '')
  if (code) return refuse(response, code, order.to, `story ${story}`)

  const record = opened(world, order)
  books.records.set(record.sid, record)
  keepOrder(world, order, record)
  const answer = resource(record)
  await playMessage(world, books, record, story)
  conclude(world, response, story, () => void response.status(201).json(answer))
}

function opened(world: World, order: Order): TwilioRecord {
  const now = world.now()
  return {
    sid: newSid(),
    direction: 'outbound-api',
    from: order.service ? null : order.from,
    to: order.to,
    // Of a template by a Messaging Service the real one does not tell the text (twilio-node#1081).
    body: order.service && order.contentSid ? '' : order.body,
    buttons: order.buttons,
    media: order.media.length,
    service: order.service,
    statusCallback: order.statusCallback,
    status: order.service ? 'accepted' : 'queued',
    errorCode: null,
    createdAt: now,
    sentAt: null,
    updatedAt: now,
  }
}

function keepOrder(world: World, order: Order, record: TwilioRecord): void {
  const { buttons, contentSid, contentVariables, statusCallback } = order
  keep(world, {
    provider: 'twilio',
    channel: isWhatsApp(order.to) ? 'whatsapp' : 'sms',
    id: record.sid,
    to: bare(order.to),
    from: bare(order.from ?? order.service ?? ''),
    text: order.body,
    story: phoneStory(order.to),
    headers: {},
    references: {
      ...(statusCallback && { statusCallback }),
      ...(contentSid && { contentSid }),
      ...(contentVariables && { contentVariables }),
      ...(buttons.length > 0 && { buttons: JSON.stringify(buttons) }),
    },
  })
}

function bare(address: string): string {
  return address.replace(/^whatsapp:/, '')
}
