import { expect, test } from 'vitest'
import { events, message, plain, setUp, verifies } from './set-up.ts'

/** Steps so long that no pause of a busy machine parts the second event of a story from the batch of its first. */
const unhurried = { delayMs: 400 }

test('a mail is answered 202 with its id, and its events come in one signed batch', async () => {
  const { sandbox, receiver, setting, mail } = await setUp(unhurried)
  const [response] = await mail.send({ ...message('test@example.com'), customArgs: { app_msg: 'abc' } })
  expect(response.statusCode).toBe(202)
  expect(response.body).toBe('')
  const id = String(response.headers['x-message-id'])
  await sandbox.idle()
  const [batch] = receiver.arrived
  if (!batch) throw new Error('nothing came')
  expect(receiver.arrived).toHaveLength(1)
  expect(batch.path).toBe('/webhooks/sendgrid')
  expect(batch.body).toMatch(/^\[\{.*\},\r\n\{.*\}\]\r\n$/s)
  expect(verifies(batch, setting('SENDGRID_WEBHOOK_SECRET'))).toBe(true)
  expect(
    verifies({ ...batch, body: JSON.stringify(JSON.parse(batch.body)) }, setting('SENDGRID_WEBHOOK_SECRET')),
  ).toBe(false)
  expect(events([batch])).toMatchObject([
    { event: 'processed', email: 'test@example.com', app_msg: 'abc' },
    { event: 'delivered', email: 'test@example.com', app_msg: 'abc', response: '250 OK' },
  ])
  for (const event of events([batch])) expect(String(event.sg_message_id).split('.')[0]).toBe(id)
  const times = events([batch]).map(({ timestamp }) => Number(timestamp))
  expect(times[1]).toBeGreaterThan(times[0] ?? 0)
  expect(sandbox.received()).toMatchObject([
    { id, to: 'test@example.com', subject: 'Sujet', references: { app_msg: 'abc' } },
  ])
})

test('opens and clicks come only where the request asked for them', async () => {
  const { sandbox, receiver, mail } = await setUp()
  const trackingSettings = { openTracking: { enable: true }, clickTracking: { enable: true } }
  await mail.send({ ...message('test@example.com'), trackingSettings })
  await sandbox.idle()
  const [, , open, click] = events(receiver.arrived)
  expect(open).toMatchObject({ event: 'open', sg_machine_open: false })
  expect(click).toMatchObject({ event: 'click', url: 'https://x.example/a' })
})

test.each([
  ['bounce', ['processed', 'bounce'], { type: 'bounce', status: '5.1.1' }],
  ['full', ['processed', 'deferred', 'bounce'], { type: 'blocked', status: '5.2.2' }],
  ['blocked', ['processed', 'bounce'], { type: 'blocked', status: '5.7.1' }],
  ['spam', ['processed', 'delivered', 'spamreport'], {}],
  ['silent', [], undefined],
  ['reverse', ['delivered', 'processed'], {}],
])('the story %s tells %j', async (story, kinds, last) => {
  const { sandbox, receiver, mail } = await setUp()
  await mail.send(message(`${story}+tag@example.com`))
  await sandbox.idle()
  expect(events(receiver.arrived).map(({ event }) => event)).toEqual(kinds)
  if (last) expect(events(receiver.arrived).at(-1)).toMatchObject(last)
  expect(sandbox.received()[0]?.story).toBe(story)
})

test('the story twice repeats events within a batch, and the batch', async () => {
  const { sandbox, receiver, mail } = await setUp(unhurried)
  await mail.send(message('twice@example.com'))
  await sandbox.idle()
  expect(receiver.arrived).toHaveLength(2)
  const ids = events(receiver.arrived).map(({ sg_event_id }) => sg_event_id)
  expect(ids).toHaveLength(8)
  expect(new Set(ids).size).toBe(2)
})

test('the story early tells before the API answers', async () => {
  const { receiver, mail } = await setUp()
  await mail.send(message('early@example.com'))
  expect(events(receiver.arrived)).toHaveLength(2)
})

test('events of several recipients share a batch, each with its own story and arguments', async () => {
  const { sandbox, receiver, post } = await setUp(unhurried)
  const to = ['test@example.com', 'bounce@example.com']
  const personalizations = to.map((email) => ({ to: [{ email }], custom_args: { app_msg: email } }))
  await post({ ...plain, personalizations })
  await sandbox.idle()
  expect(receiver.arrived).toHaveLength(1)
  const told = events(receiver.arrived).map(({ event, app_msg }) => `${event} ${app_msg}`)
  expect(told.sort()).toEqual([
    `bounce ${to[1]}`,
    `delivered ${to[0]}`,
    `processed ${to[1]}`,
    `processed ${to[0]}`,
  ])
})

test('a batch comes again, signed, until it is kept', async () => {
  const { sandbox, receiver, setting, mail } = await setUp(unhurried)
  receiver.answer = (_request, index) => (index === 0 ? 503 : 204)
  await mail.send(message('test@example.com'))
  await sandbox.idle()
  const [first, second, ...more] = receiver.arrived
  if (!first || !second) throw new Error('no retry came')
  expect(more).toEqual([])
  expect(second.body).toBe(first.body)
  expect(verifies(second, setting('SENDGRID_WEBHOOK_SECRET'))).toBe(true)
  expect(sandbox.webhooks()).toMatchObject([
    { provider: 'sendgrid', told: '2 events', status: 503, attempt: 1 },
    { provider: 'sendgrid', told: '2 events', status: 204, attempt: 2 },
  ])
})
