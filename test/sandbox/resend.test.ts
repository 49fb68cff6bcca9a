import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Arrived, json, world } from '#support/receiver.ts'

async function setUp() {
  const { sandbox, receiver, setting } = await world()
  const call = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${setting('RESEND_API_URL')}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${setting('RESEND_API_KEY')}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const verified = ({ headers, body }: Arrived) =>
    new Webhook(setting('RESEND_WEBHOOK_SECRET')).verify(body, {
      'webhook-id': headers['svix-id'] ?? '',
      'webhook-timestamp': headers['svix-timestamp'] ?? '',
      'webhook-signature': headers['svix-signature'] ?? '',
    })
  return { sandbox, receiver, setting, call, verified }
}

function email(to: string) {
  const tags = [{ name: 'app_msg', value: 'abc-1' }]
  return { from: 'Max <max@example.com>', to, subject: 'Sujet', html: '<p>é</p>', tags }
}

test('an email is answered with its id, and its events verify with the Standard Webhooks library', async () => {
  const { sandbox, receiver, call, verified } = await setUp()
  const response = await call('/emails', email('test@example.com'))
  expect(response.status).toBe(200)
  expect(response.headers.get('ratelimit-limit')).toBe('10')
  const { id } = await json(response, { id: z.uuid() })
  await sandbox.idle()
  expect(receiver.arrived.map(verified)).toMatchObject([
    { type: 'email.sent', data: { email_id: id, to: ['test@example.com'], tags: { app_msg: 'abc-1' } } },
    { type: 'email.delivered', data: { email_id: id } },
  ])
  const [sent, delivered] = receiver.arrived.map(({ body }) => Date.parse(JSON.parse(body).created_at))
  expect(delivered).toBeGreaterThan(sent ?? Infinity)
  const look = await (await call(`/emails/${id}`)).json()
  expect(look).toMatchObject({ object: 'email', id, last_event: 'delivered', to: ['test@example.com'] })
})

test('opens come only from the domain that tracks them', async () => {
  const { sandbox, receiver, call } = await setUp()
  const { data } = await json(await call('/domains'), { data: z.array(z.object({ id: z.uuid() })) })
  const details = await Promise.all(data.map(async ({ id }) => (await call(`/domains/${id}`)).json()))
  expect(details).toMatchObject([
    { name: 'example.com', open_tracking: false },
    { name: 'sandbox.example', open_tracking: true },
  ])
  await call('/emails', { ...email('test@example.com'), from: 'max@sandbox.example' })
  await sandbox.idle()
  expect(receiver.arrived.map(({ body }) => JSON.parse(body).type)).toEqual([
    'email.sent',
    'email.delivered',
    'email.opened',
  ])
})

test.each<[string, number, string, unknown, Record<string, string>]>([
  ['no key', 401, 'missing_api_key', email('a@example.com'), { authorization: '' }],
  ['a wrong key', 403, 'invalid_api_key', email('a@example.com'), { authorization: 'Bearer re_wrong' }],
  ['no to', 422, 'missing_required_field', { ...email('a@example.com'), to: undefined }, {}],
  ['no from', 422, 'missing_required_field', { ...email('a@example.com'), from: undefined }, {}],
  ['no subject', 422, 'missing_required_field', { ...email('a@example.com'), subject: undefined }, {}],
  ['a bad address', 422, 'validation_error', email('nobody'), {}],
  [
    '51 recipients',
    422,
    'validation_error',
    { ...email('x'), to: Array.from({ length: 51 }, (_, n) => `u${n}@example.com`) },
    {},
  ],
  [
    'a tag with an accent',
    422,
    'validation_error',
    { ...email('a@example.com'), tags: [{ name: 'é', value: 'x' }] },
    {},
  ],
  [
    'an unverified domain',
    403,
    'validation_error',
    { ...email('a@example.com'), from: 'max@elsewhere.example' },
    {},
  ],
  [
    'a key of 257 characters',
    400,
    'invalid_idempotency_key',
    email('a@example.com'),
    { 'idempotency-key': 'k'.repeat(257) },
  ],
  ['the story refused', 422, 'validation_error', email('refused@example.com'), {}],
  ['the story busy', 429, 'rate_limit_exceeded', email('busy@example.com'), {}],
  ['the story down', 500, 'internal_server_error', email('down@example.com'), {}],
])('%s is refused with %i %s', async (_what, status, name, body, headers) => {
  const { sandbox, call } = await setUp()
  const response = await call('/emails', body, headers)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ statusCode: status, name })
  expect(sandbox.received()).toEqual([])
})

test('an idempotency key gives the first answer again, and refuses another body', async () => {
  const { sandbox, call } = await setUp()
  const headers = { 'idempotency-key': 'once' }
  const first = await (await call('/emails', email('a@example.com'), headers)).json()
  const second = await (await call('/emails', email('a@example.com'), headers)).json()
  expect(second).toEqual(first)
  const other = await call('/emails', email('b@example.com'), headers)
  expect(other.status).toBe(409)
  expect(await other.json()).toMatchObject({ name: 'invalid_idempotent_request' })
  expect(sandbox.received()).toHaveLength(1)
})

test.each([
  ['bounce', ['email.sent', 'email.bounced'], { type: 'Permanent' }],
  [
    'full',
    ['email.sent', 'email.delivery_delayed', 'email.bounced'],
    { type: 'Transient', subType: 'MailboxFull' },
  ],
  ['blocked', ['email.sent', 'email.bounced'], { subType: 'ContentRejected' }],
  ['spam', ['email.sent', 'email.delivered', 'email.complained'], undefined],
  ['silent', [], undefined],
  ['reverse', ['email.delivered', 'email.sent'], undefined],
])('the story %s tells %j', async (story, types, bounce) => {
  const { sandbox, receiver, call, verified } = await setUp()
  await call('/emails', email(`${story}@example.com`))
  await sandbox.idle()
  expect(receiver.arrived.map(({ body }) => JSON.parse(body).type)).toEqual(types)
  if (bounce) expect(receiver.arrived.map(verified).at(-1)).toMatchObject({ data: { bounce } })
})

test('a repeated or retried event bears the same svix-id', async () => {
  const { sandbox, receiver, call, verified } = await setUp()
  receiver.answer = (_request, index) => (index === 0 ? 500 : 200)
  await call('/emails', email('twice@example.com'))
  await sandbox.idle()
  expect(receiver.arrived).toHaveLength(5)
  expect(new Set(receiver.arrived.map(({ headers }) => headers['svix-id'])).size).toBe(2)
  for (const one of receiver.arrived) verified(one)
})
