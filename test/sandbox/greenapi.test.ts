import { expect, test } from 'vitest'
import { z } from 'zod'
import { json, world } from '#support/receiver.ts'

async function setUp() {
  const { sandbox, receiver, setting } = await world()
  const instance = setting('GREEN_API_INSTANCE_ID')
  const call = (method: string, body?: unknown, token = setting('GREEN_API_TOKEN'), id = instance) =>
    fetch(`${setting('GREEN_API_URL')}/waInstance${id}/${method}/${token}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const told = () => receiver.arrived.map(({ body }) => JSON.parse(body))
  return { sandbox, receiver, setting, call, told }
}

function chat(number: string, message = 'Bonjour') {
  return { chatId: `${number}@c.us`, message }
}

test('a message is answered with its id, and told back as echo, sent, delivered, read', async () => {
  const { sandbox, receiver, setting, call, told } = await setUp()
  const { idMessage } = await json(await call('sendMessage', chat('33612345678')), { idMessage: z.string() })
  expect(idMessage).toMatch(/^3EB0[0-9A-F]{16}$/)
  await sandbox.idle()
  const [echo, ...statuses] = told()
  expect(echo).toMatchObject({
    typeWebhook: 'outgoingAPIMessageReceived',
    idMessage,
    messageData: { typeMessage: 'extendedTextMessage', extendedTextMessageData: { text: 'Bonjour' } },
  })
  expect(statuses).toMatchObject(
    ['sent', 'delivered', 'read'].map((status) => ({
      typeWebhook: 'outgoingMessageStatus',
      chatId: '33612345678@c.us',
      idMessage,
      status,
      sendByApi: true,
    })),
  )
  const times = told().map(({ timestamp }) => timestamp)
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
  expect(String(times[0])).toHaveLength(10)
  for (const { headers, path } of receiver.arrived) {
    expect(path).toBe('/webhooks/greenapi')
    expect(headers.authorization).toBe(`Bearer ${setting('GREEN_API_WEBHOOK_TOKEN')}`)
  }
})

test('a wrong token is 401 with an empty body, a wrong instance 403, a wrong verb 404', async () => {
  const { call } = await setUp()
  const token = await call('sendMessage', chat('33612345678'), 'wrong')
  expect([token.status, await token.text()]).toEqual([401, ''])
  expect((await call('sendMessage', chat('33612345678'), undefined, '1101000002')).status).toBe(403)
  expect((await call('sendMessage')).status).toBe(404)
})

test.each<[string, number, string, unknown]>([
  ['no chatId', 400, "'chatId'", { message: 'x' }],
  ['a chatId with a plus', 400, "'chatId' must be one of the following formats", chat('+33612345678')],
  ['no message', 400, "'message'", { chatId: '33612345678@c.us' }],
  [
    'a message over 20000 characters',
    400,
    "'message' length must be less than or equal to 20000",
    chat('33612345678', 'x'.repeat(20_001)),
  ],
  ['a body over 100 kB', 500, 'request entity too large', chat('33612345678', 'x'.repeat(110_000))],
  ['the story refused', 400, 'Validation failed', chat('33612345680')],
  ['the story busy', 429, 'Too Many Requests', chat('33612345681')],
  ['the story down', 500, 'Internal Server Error', chat('33612345682')],
])('%s is refused with %i', async (_what, status, message, body) => {
  const { sandbox, call } = await setUp()
  const response = await call('sendMessage', body)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) })
  expect(sandbox.received()).toEqual([])
})

test('the head of the line is told again until it is answered 200, and nothing overtakes it', async () => {
  const { sandbox, receiver, call, told } = await setUp()
  receiver.answer = (_request, index) => (index < 2 ? 204 : 200)
  await Promise.all([call('sendMessage', chat('33612345691')), call('sendMessage', chat('33612345692'))])
  await sandbox.idle()
  const [first, second, third, ...rest] = told()
  expect(second).toEqual(first)
  expect(third).toEqual(first)
  expect(rest).not.toContainEqual(first)
  expect(
    sandbox
      .webhooks()
      .map(({ status, attempt }) => [status, attempt])
      .slice(0, 3),
  ).toEqual([
    [204, 1],
    [204, 2],
    [200, 3],
  ])
})

test.each([
  ['33612345690', ['sent', 'failed']],
  ['33612345691', ['noAccount']],
  ['33612345687', ['read', 'delivered', 'sent']],
  ['33612345686', ['sent', 'sent', 'delivered', 'delivered', 'read', 'read']],
  ['33612345685', []],
])('%s is told %j', async (number, statuses) => {
  const { sandbox, call, told } = await setUp()
  const { idMessage } = await json(await call('sendMessage', chat(number)), { idMessage: z.string() })
  await sandbox.idle()
  expect(told().flatMap(({ status }) => status ?? [])).toEqual(statuses)
  const item = await (await call('getMessage', { chatId: `${number}@c.us`, idMessage })).json()
  const final = number.endsWith('0') ? 'failed' : number.endsWith('1') ? 'noAccount' : 'read'
  expect(item).toMatchObject({ type: 'outgoing', idMessage, statusMessage: final, textMessage: 'Bonjour' })
})

test('a customer answers, and the journals show both directions', async () => {
  const { sandbox, call, told } = await setUp()
  const { idMessage } = await json(await call('sendMessage', chat('33612345697')), { idMessage: z.string() })
  await sandbox.idle()
  expect(told().at(-1)).toMatchObject({
    typeWebhook: 'incomingMessageReceived',
    senderData: { sender: '33612345697@c.us' },
    messageData: { interactiveButtonsResponse: { stanzaId: idMessage, selectedId: 'confirm' } },
  })
  expect(await (await call('lastOutgoingMessages')).json()).toMatchObject([
    { idMessage, statusMessage: 'read' },
  ])
  expect(await (await call('lastIncomingMessages')).json()).toMatchObject([{ chatId: '33612345697@c.us' }])
  expect(await (await call('getStateInstance')).json()).toEqual({ stateInstance: 'authorized' })
  expect(await (await call('showMessagesQueue')).json()).toEqual([])
})

test('an unknown message is named as Green-API names it', async () => {
  const { call } = await setUp()
  const response = await call('getMessage', { chatId: '33612345678@c.us', idMessage: 'X' })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ message: 'chatId not found' })
})
