import { expect, test } from 'vitest'
import { z } from 'zod'
import { json, world } from '#support/receiver.ts'

async function setUp() {
  const { sandbox, receiver, setting } = await world()
  const call = async (method: string, body?: unknown) =>
    (
      await fetch(
        `${setting('GREEN_API_URL')}/waInstance${setting('GREEN_API_INSTANCE_ID')}/${method}/${setting('GREEN_API_TOKEN')}`,
        {
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        },
      )
    ).json()
  const sent = async (message: string) =>
    z
      .object({ idMessage: z.string() })
      .parse(await call('sendMessage', { chatId: '33612345678@c.us', message })).idMessage
  const told = () => receiver.arrived.map(({ body }) => JSON.parse(body))
  return { sandbox, receiver, setting, call, sent, told }
}

test('a change of state is told with the token, and answered when it is asked for', async () => {
  const { sandbox, receiver, setting, call, told } = await setUp()
  expect(await sandbox.setGreenapiState('yellowCard')).toBe(200)
  expect(told()).toMatchObject([
    {
      typeWebhook: 'stateInstanceChanged',
      instanceData: { idInstance: Number(setting('GREEN_API_INSTANCE_ID')) },
      stateInstance: 'yellowCard',
    },
  ])
  expect(receiver.arrived[0]?.headers.authorization).toBe(`Bearer ${setting('GREEN_API_WEBHOOK_TOKEN')}`)
  expect(await call('getStateInstance')).toEqual({ stateInstance: 'yellowCard' })
})

test('while the phone is away messages are taken, shown in the queue, and sent when it is back', async () => {
  const { sandbox, call, sent, told } = await setUp()
  await sandbox.setGreenapiState('notAuthorized')
  const ids = [await sent('1'), await sent('2')]
  await sandbox.idle()
  expect(told().map(({ typeWebhook }) => typeWebhook)).toEqual(['stateInstanceChanged'])
  expect(await call('showMessagesQueue')).toMatchObject([
    { messageID: ids[0], type: 'sendMessage', body: { chatId: '33612345678@c.us', message: '1' } },
    { messageID: ids[1], body: { message: '2' } },
  ])
  await sandbox.setGreenapiState('authorized')
  await sandbox.idle()
  expect(told().filter(({ status }) => status === 'read')).toHaveLength(2)
  expect(await call('showMessagesQueue')).toEqual([])
})

test('what was cleared is never sent', async () => {
  const { sandbox, call, sent, told } = await setUp()
  await sandbox.setGreenapiState('notAuthorized')
  const cleared = await sent('1')
  expect(await call('clearMessagesQueue')).toEqual({ isCleared: true })
  expect(await call('showMessagesQueue')).toEqual([])
  const later = await sent('2')
  await sandbox.setGreenapiState('authorized')
  await sandbox.idle()
  expect(told().filter(({ status }) => status === 'read')).toMatchObject([{ idMessage: later }])
  const item = await call('getMessage', { chatId: '33612345678@c.us', idMessage: cleared })
  expect(item).toMatchObject({ statusMessage: 'pending' })
})

test('forgetting everything empties the queue, and leaves the state as it is', async () => {
  const { sandbox, call, sent, told } = await setUp()
  await sandbox.setGreenapiState('starting')
  await sent('1')
  sandbox.forget()
  expect(await call('getStateInstance')).toEqual({ stateInstance: 'starting' })
  await sandbox.setGreenapiState('authorized')
  await sandbox.idle()
  expect(told().filter(({ status }) => status !== undefined)).toEqual([])
})

test('the control changes the state, and refuses one that Green-API does not have', async () => {
  const { sandbox, call } = await setUp()
  const control = (state: string) =>
    fetch(`${sandbox.url}/sandbox/greenapi/state`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ state }),
    })
  expect(await json(await control('blocked'), {})).toEqual({ state: 'blocked', status: 200 })
  expect(await call('getStateInstance')).toEqual({ stateInstance: 'blocked' })
  const refused = await control('tired')
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({ field: 'state' })
})
