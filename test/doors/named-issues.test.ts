import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '#support/world.ts'

let world: World
let ops: { Authorization: string }
beforeAll(async () => {
  world = await startWorld()
  ops = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
})
afterAll(() => world.stop())

test.each([
  ['GET', '/api/whatsapp/messages/nope'],
  ['PATCH', '/api/whatsapp/messages/nope'],
  ['DELETE', '/api/whatsapp/messages/nope'],
  ['GET', '/api/messages/nope'],
  ['POST', '/api/messages/nope/cancel'],
  ['POST', '/api/messages/nope/resolve'],
  ['POST', '/api/dead-letters/nope/replay'],
])('%s %s names the id, and what it must be', async (method, path) => {
  const { status, body } = await world.call(method, path, method === 'GET' ? undefined : {}, ops)
  expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 'invalid_params' } } })
  expect(body.error.issues).toEqual([{ path: 'id', message: expect.stringMatching(/^must be the uuid /) }])
})

test.each([
  ['POST', '/api/max/actions'],
  ['POST', '/api/sms/send'],
  ['POST', '/api/whatsapp/messages'],
  ['POST', '/api/replay'],
])('%s %s with a list for a body says what the body must be', async (method, path) => {
  for (const list of [[], [{ to: '+33612345685' }]]) {
    const { status, body } = await world.call(method, path, list, ops)
    expect({ status, message: body.error.message }).toEqual({
      status: 400,
      message: 'body: must be an object',
    })
  }
})

test('an action with a list for its params says what the params must be', async () => {
  const { body } = await world.action('sendSMS', [])
  expect(body.error.message).toBe('params: must be an object')
})

test('half a parent is named by the half that is missing', async () => {
  const { status, body } = await world.action('sendSMS', {
    to: '+33612345685',
    body: 'b',
    parentType: 'Meeting',
  })
  expect({ status, message: body.error.message }).toEqual({
    status: 400,
    message: 'parentId: is missing (parentType is given: give both or neither)',
  })
})

test('what is wrong with a field is said in our words', async () => {
  const wrong = {
    to: 'anna@example.com',
    body: 7,
    attachments: {},
    tracking: [],
    escalate: [{ action: 'sendSMS', params: {}, after: '15m', unless: 'seen' }],
    sent: true,
  }
  const { body } = await world.action('sendEmail', wrong)
  expect(body.error.issues).toEqual([
    { path: 'escalate.0.unless', message: 'must be one of delivered, read' },
    { path: 'subject', message: 'is required' },
    { path: 'body', message: 'must be of type string' },
    { path: 'attachments', message: 'must be a list' },
    { path: 'tracking', message: 'must be an object' },
    { path: 'sent', message: 'is not a known field (remove it)' },
  ])
})
