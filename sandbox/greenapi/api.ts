import { timingSafeEqual } from 'node:crypto'
import express, { type NextFunction, type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { credentials } from '../credentials.ts'
import { because, conclude, door } from '../door.ts'
import { phoneStory } from '../stories.ts'
import { keep, obstacle, type World } from '../world.ts'
import type { Instance } from './instance.ts'
import { type GreenRecord, type Journal, journalItem, newIdMessage, ownChatId, record } from './record.ts'

const order = z.object({
  chatId: z
    .string()
    .regex(
      /^(\d{10,16}@c\.us|\d+(-\d+)?@g\.us|\d+@lid)$/,
      'must be one of the following formats: phone_number@c.us or group_id@g.us',
    ),
  message: z
    .string()
    .min(1, 'is not allowed to be empty')
    .max(20_000, 'length must be less than or equal to 20000 characters long'),
  quotedMessageId: z.string().nullish(),
  linkPreview: z.boolean().nullish(),
  typingTime: z.number().min(1_000).max(20_000).nullish(),
})

/** Green-API's instance: sending, looking up, its journals. */
export function greenapiApi(world: World, journal: Journal, instance: Instance): Router {
  const router = Router()
  const sends = (request: Request) => request.path.includes('/sendMessage/')
  router.use(door(world, 'greenapi', sends, { down, refuse: busy }))
  router.use('/waInstance:id/:method/:token', (request, response, next) => {
    if (request.params.id !== credentials.greenapi.instanceId)
      return refuse(response, 403, 'wrong idInstance')
    if (same(request.params.token)) return next()
    // A real 401 has an empty body.
    because(response, 'wrong apiTokenInstance')
    response.status(401).end()
  })
  const at = (method: string) => `/waInstance:id/${method}/:token`
  // Green-API answers 500 above about 100 kB; the parser's own error is worded below.
  const json = express.json({ limit: '100kb', type: () => true })
  router.post(at('sendMessage'), json, (request, response) =>
    send(world, journal, instance, request, response),
  )
  router.post(at('getMessage'), json, (request, response) => look(journal, request, response))
  router.get(
    at('getStateInstance'),
    (_request, response) => void response.json({ stateInstance: instance.state() }),
  )
  router.get(at('showMessagesQueue'), (_request, response) => void response.json(queue(journal)))
  router.get(at('clearMessagesQueue'), (_request, response) => {
    instance.clearQueue()
    response.json({ isCleared: true })
  })
  router.get(at('lastOutgoingMessages'), (request, response) =>
    last(world, journal, 'outgoing', request, response),
  )
  router.get(at('lastIncomingMessages'), (request, response) =>
    last(world, journal, 'incoming', request, response),
  )
  router.get(at('getSettings'), (_request, response) => void response.json(settings(world)))
  router.use((_request, response) => refuse(response, 404, 'no such method, or the wrong HTTP verb for it'))
  router.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    error instanceof Error && 'type' in error && error.type === 'entity.too.large'
      ? refuse(response, 500, 'request entity too large')
      : refuse(response, 400, 'bad request data'),
  )
  return router
}

function same(token: string): boolean {
  const [given, wanted] = [Buffer.from(token), Buffer.from(credentials.greenapi.token)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function send(
  world: World,
  journal: Journal,
  instance: Instance,
  request: Request,
  response: Response,
): Promise<void> {
  const read = order.safeParse(request.body)
  if (!read.success) {
    const details = read.error.issues.map(({ path, message }) => `'${path.join('.')}' ${message}`).join(', ')
    return refuse(response, 400, `Validation failed. Details: ${details}`)
  }
  const { chatId, message } = read.data
  const story = phoneStory(chatId)
  const stop = obstacle(world, 'greenapi', chatId, story)
  if (stop === 'busy') return busy(response)
  if (stop)
    return stop === 'down'
      ? down(response)
      : refuse(response, 400, "Validation failed. Details: 'chatId' is not allowed")

  const now = world.now()
  const idMessage = newIdMessage()
  const entry: GreenRecord = {
    direction: 'outgoing',
    idMessage,
    chatId,
    text: message,
    body: read.data,
    at: now,
    status: 'pending',
  }
  record(journal, entry)
  const to = chatId.endsWith('@c.us') ? `+${chatId.replace('@c.us', '')}` : chatId
  const from = `+${credentials.greenapi.phone}`
  const kept = { id: idMessage, to, from, text: message, story, headers: {}, references: { chatId } }
  keep(world, { provider: 'greenapi', channel: 'whatsapp', ...kept })
  await instance.take(entry, story)
  conclude(world, response, story, () => void response.json({ idMessage }))
}

function look(journal: Journal, request: Request, response: Response): void {
  const read = z.object({ chatId: z.string(), idMessage: z.string() }).safeParse(request.body)
  const { chatId, idMessage } = read.data ?? {}
  const entry = journal.get(`${chatId}_${idMessage}`)
  const known = journal.values().some((one) => one.chatId === chatId)
  if (entry) response.json(journalItem(entry))
  else if (!read.success)
    refuse(response, 400, "Validation failed. Details: 'chatId' and 'idMessage' are required")
  else refuse(response, 400, known ? 'ID message notfound' : 'chatId not found')
}

/** What was accepted and has not gone out yet. */
function queue(journal: Journal) {
  const waiting = journal.values().filter(({ status, cleared }) => status === 'pending' && !cleared)
  return waiting.map(({ idMessage, body }) => ({
    messageID: idMessage,
    messagesIds: [idMessage],
    type: 'sendMessage',
    body,
  }))
}

function last(
  world: World,
  journal: Journal,
  direction: GreenRecord['direction'],
  request: Request,
  response: Response,
): void {
  const minutes = Number(request.query.minutes ?? 1_440)
  const oldest = world.now().getTime() - minutes * 60_000
  const found = journal
    .values()
    .filter((entry) => entry.direction === direction && entry.at.getTime() >= oldest)
  if (minutes > 0) response.json(found.reverse().map(journalItem))
  else refuse(response, 400, "Validation failed. Details: 'minutes' must be a positive number")
}

function settings(world: World) {
  return {
    wid: ownChatId,
    webhookUrl: world.baseUrl === undefined ? '' : `${world.baseUrl}/webhooks/greenapi`,
    webhookUrlToken: credentials.greenapi.webhookToken,
    delaySendMessagesMilliseconds: 500,
    incomingWebhook: 'yes',
    outgoingWebhook: 'yes',
    outgoingMessageWebhook: 'yes',
    outgoingAPIMessageWebhook: 'yes',
    stateWebhook: 'yes',
    enableLidMode: 'no',
  }
}

function refuse(response: Response, statusCode: number, message: string): void {
  because(response, message)
  response.status(statusCode).json({ statusCode, message })
}

function down(response: Response): void {
  refuse(response, 500, 'Internal Server Error')
}

function busy(response: Response): void {
  refuse(response, 429, 'Too Many Requests')
}
