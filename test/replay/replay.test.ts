import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { drained, fromGreenapi, fromResend, fromSendgrid, fromTwilio, post } from '#support/signed.ts'
import { resendEvent, type Sent, sendgridEvent, sent, timeline } from '#support/told.ts'
import { type Answer, startWorld, type World } from '#support/world.ts'

let world: World
let ops: string
const since = new Date(Date.now() - 3_600_000).toISOString()

beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 25 })
  ops = await world.token(undefined, { ops: true })
})
afterAll(() => world.stop())
beforeEach(async () => {
  await replay()
})

test('a mapping bug is repaired: the event keeps its id and receipt, its message becomes what it should have been', async () => {
  const message = await sent(world, 'sendgrid')
  await tell(message, { event: 'delivered', response: '250 OK' })
  const right = await timeline(world, message.messageId)
  expect(right.message).toMatchObject({ status: 'delivered' })
  await misread(message, `type = 'unknown', reason = null`)
  await world.database.query('update messages set delivered_at = null where id = $1', [message.messageId])
  const before = await rowsOf(message)

  const { body } = await replay()
  expect(body).toMatchObject({ changed: 1, messages: 1, recovered: 0, unreadable: {}, nextCursor: null })
  expect(body.changes).toEqual([
    {
      provider: 'sendgrid',
      eventId: expect.any(String),
      before: { type: 'unknown', reason: null },
      after: { type: 'delivered', reason: '250 OK' },
    },
  ])
  expect(settled(await timeline(world, message.messageId))).toEqual(settled(right))
  expect(await rowsOf(message)).toEqual(
    before.map((row) => (row.source === 'webhook' ? { ...row, type: 'delivered' } : row)),
  )
})

test('a fact that was never true disappears, with its error and its bounce class', async () => {
  const message = await sent(world, 'resend')
  await post(world.url, fromResend(resendEvent(message, 'delivered')))
  const right = await timeline(world, message.messageId)
  await misread(message, `type = 'bounced', reason = 'no such user', code = '5.1.1', bounce_class = 'hard'`)
  await world.database.query(
    `update messages set bounced_at = now(), delivered_at = null, error_code = '5.1.1', error_message = 'no such user',
       bounce_class = 'hard' where id = $1`,
    [message.messageId],
  )
  expect((await timeline(world, message.messageId)).message).toMatchObject({ status: 'bounced' })
  expect((await replay()).body).toMatchObject({ changed: 1, messages: 1 })
  expect(settled(await timeline(world, message.messageId))).toEqual(settled(right))
  expect(right.message).toMatchObject({ status: 'delivered', bouncedAt: null, bounceClass: null })
})

test('a dry run writes nothing and shows what the replay then does; a second replay changes nothing', async () => {
  const message = await sent(world, 'twilio')
  await tellTwilio(message, 'undelivered', { ErrorCode: '30008' })
  await misread(message, `type = 'delivered', code = null, reason = null`)
  const before = await everything()
  const shown = await replay({ dryRun: true })
  expect(await everything()).toEqual(before)
  expect(shown.body).toMatchObject({ dryRun: true, changed: 1, messages: 1 })
  const done = await replay()
  expect({ ...done.body, dryRun: true }).toEqual(shown.body)
  const after = await everything()
  expect(after).not.toEqual(before)
  expect((await replay()).body).toMatchObject({ changed: 0, changes: [], messages: 0 })
  expect(await everything()).toEqual(after)
})

test('nothing is sent: the outside world hears of no replay', async () => {
  const message = await sent(world, 'twilio')
  await tellTwilio(message, 'delivered')
  const before = world.sandbox.received().length
  await misread(message, `type = 'failed'`)
  await replay()
  await world.settled()
  expect(world.sandbox.received()).toHaveLength(before)
})

test('what a person wrote and nobody understood becomes an inbound message', async () => {
  const { to, messageId } = await sent(world, 'twilio')
  const sid = `SM${randomUUID().replaceAll('-', '')}`
  const said = { From: `whatsapp:${to}`, To: 'whatsapp:+33700000000', Body: 'OUI', MessageSid: sid }
  const [own] = await world.database.query('select sender from messages where id = $1', [messageId])
  const form = { ...said, To: `whatsapp:${own?.sender}`, SmsStatus: 'received', AccountSid: accountSid }
  expect((await post(world.url, fromTwilio(form, { baseUrl: world.url }))).status).toBe(200)
  await drained(world.url)
  const inbound = `select id, text, tenant_id, sender, status from messages where provider_message_id = '${sid}'`
  const right = await world.database.query(inbound)
  expect(right).toEqual([expect.objectContaining({ text: 'OUI', tenant_id: 't1', sender: to })])
  await world.database.query(
    `update message_events set type = 'unknown', message_id = null, tenant_id = null, recipient = null
     where provider_message_id = $1`,
    [sid],
  )
  await world.database.query('delete from messages where provider_message_id = $1', [sid])
  expect((await replay()).body).toMatchObject({ changed: 1, messages: 1 })
  expect(await world.database.query(inbound)).toEqual(right)
})

test('a quarantined item becomes an event once it can be read, under its own id and receipt', async () => {
  const message = await sent(world, 'resend')
  const told = resendEvent(message, 'delivered')
  const id = `msg_${randomUUID().replaceAll('-', '')}`
  await post(world.url, fromResend({ ...told, type: 7 }, { id }))
  await timeline(world, message.messageId)
  const [kept] = await quarantined()
  expect(kept).toMatchObject({ provider: 'resend', eventId: id, replayedAt: null })
  expect((await replay()).body).toMatchObject({
    recovered: 0,
    unreadable: { 'resend: the item is not an object with a type': expect.any(Number) },
  })
  // The reading that was missing: simulated by the item, since there is none of its kind.
  await world.database.query(`update quarantined_events set bytes = convert_to($2, 'utf8') where id = $1`, [
    kept?.id,
    JSON.stringify(told),
  ])

  expect((await replay({ dryRun: true })).body).toMatchObject({ recovered: 1 })
  expect((await timeline(world, message.messageId)).message).toMatchObject({ status: 'sent' })
  expect((await replay()).body).toMatchObject({ recovered: 1 })
  expect((await timeline(world, message.messageId)).message).toMatchObject({ status: 'delivered' })
  const [event] = await world.database.query(
    'select to_json(received_at) as received_at, request_id, source from message_events where event_id = $1',
    [id],
  )
  expect(event).toMatchObject({ request_id: kept?.requestId, source: 'webhook' })
  expect(new Date(String(event?.received_at)).toISOString()).toBe(kept?.receivedAt)
  expect((await quarantined())[0]).toMatchObject({ id: kept?.id, replayedAt: expect.any(String) })
  expect((await replay()).body).toMatchObject({ recovered: 0 })
})

test('a whole body in quarantine is read again where its bytes are all that it takes', async () => {
  const message = await sent(world, 'sendgrid')
  await post(world.url, fromSendgrid('[{"event":'))
  const minuteAgo = Math.floor(Date.now() / 1_000) - 60
  const batch = [
    sendgridEvent(message, { event: 'delivered', timestamp: minuteAgo }),
    sendgridEvent(message, { event: 'open' }),
  ]
  await timeline(world, message.messageId)
  const [kept] = await quarantined()
  expect(kept).toMatchObject({ provider: 'sendgrid', eventId: null })
  await world.database.query(`update quarantined_events set bytes = convert_to($2, 'utf8') where id = $1`, [
    kept?.id,
    JSON.stringify(batch),
  ])
  expect((await replay()).body).toMatchObject({ recovered: 2 })
  expect((await timeline(world, message.messageId)).message).toMatchObject({ status: 'opened' })
})

test('a provider that is off is read all the same; what nothing here reads is counted as skipped', async () => {
  const message = await sent(world, 'greenapi')
  const status = {
    typeWebhook: 'outgoingMessageStatus',
    instanceData: { idInstance: Number(credentials.greenapi.instanceId), wid: '33700000000@c.us' },
    timestamp: Math.floor(Date.now() / 1_000),
    idMessage: message.entityId,
    chatId: `${message.to.slice(1)}@c.us`,
    status: 'delivered',
    sendByApi: true,
  }
  await post(world.url, fromGreenapi(status))
  await timeline(world, message.messageId)
  await misread(message, `type = 'unknown'`)
  await world.database.query(
    `insert into message_events (provider, event_id, type, provider_type, source, occurred_at, received_at, raw)
     values ('gone', 'g1', 'unknown', 'x', 'webhook', now(), now(), '{}')`,
  )
  const off = await startWorld({
    environment: {
      DATABASE_URL: world.database.url,
      GREEN_API_INSTANCE_ID: '',
      GREEN_API_TOKEN: '',
      GREEN_API_WEBHOOK_TOKEN: '',
    },
  })
  const { body } = await replay({ provider: 'greenapi', dryRun: true }, off.url)
  const all = await replay({}, off.url)
  await off.stop()
  expect(body).toMatchObject({ changed: 1, skipped: {} })
  expect(all.body).toMatchObject({ changed: 1, skipped: { gone: 1 } })
  expect((await timeline(world, message.messageId)).message).toMatchObject({ status: 'delivered' })
  await world.database.query(`delete from message_events where provider = 'gone'`)
})

test('only what was received since then, of the provider asked for, is read', async () => {
  const message = await sent(world, 'sendgrid')
  await tell(message, { event: 'delivered' })
  await timeline(world, message.messageId)
  await misread(message, `type = 'failed'`)
  const later = new Date(Date.now() + 60_000).toISOString()
  expect((await replay({ since: later })).body).toMatchObject({ read: 0, changed: 0 })
  expect((await replay({ provider: 'resend' })).body).toMatchObject({ changed: 0 })
  expect((await replay({ provider: 'sendgrid' })).body).toMatchObject({ changed: 1 })
})

test('only an ops token without a tenant may replay', async () => {
  const tokens = [await world.token('t1'), await world.token('t1', { ops: true }), await world.token()]
  for (const token of tokens)
    expect((await replay({}, world.url, token)).body).toMatchObject({ error: { code: 'forbidden' } })
  expect((await replay({}, world.url, tokens[0])).status).toBe(403)
  expect((await replay({}, world.url, 'a.b.c')).status).toBe(401)
})

test.each([
  [{ since: undefined }, 'since'],
  [{ since: 'yesterday' }, 'since'],
  [{ provider: 'smtp' }, 'provider'],
  [{ cursor: 'events:1; drop' }, 'cursor'],
  [{ resend: true }, 'resend'],
])('a wish that cannot be meant is refused: %o', async (wish, path) => {
  const { status, body } = await replay(wish)
  expect(status).toBe(400)
  expect(body.error).toMatchObject({ code: 'invalid_params', issues: [{ path }] })
})

const accountSid = credentials.twilio.accountSid

function replay(wish: Record<string, unknown> = {}, url = world.url, token = ops) {
  return ask(url, token, { since, ...wish })
}

async function ask(url: string, token: string, body: unknown) {
  const response = await fetch(`${url}/api/replay`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer: Answer['body'] = await response.json()
  return { status: response.status, body: answer }
}

/** What a bug in the mapping would have written of a message's webhook. */
async function misread({ messageId }: Sent, columns: string): Promise<void> {
  await drained(world.url)
  const sql = `update message_events set ${columns} where message_id = $1 and source = 'webhook' returning id`
  expect(await world.database.query(sql, [messageId])).toHaveLength(1)
}

function tell(message: Sent, fields: Record<string, unknown>) {
  return post(world.url, fromSendgrid([sendgridEvent(message, fields)]))
}

function tellTwilio(message: Sent, status: string, more: Record<string, string> = {}) {
  const form = {
    MessageSid: message.entityId,
    MessageStatus: status,
    To: `whatsapp:${message.to}`,
    AccountSid: accountSid,
  }
  const path = `/webhooks/twilio-whatsapp?m=${message.messageId}`
  return post(world.url, fromTwilio({ ...form, ...more }, { baseUrl: world.url, path }))
}

/** A timeline without when its row was last touched. */
function settled({ message, events }: { message: Record<string, unknown>; events: unknown }) {
  const { updatedAt: _touched, ...others } = message
  return { message: others, events }
}

function rowsOf({ messageId }: Sent) {
  return world.database.query(
    `select id, provider, event_id, type, source, received_at, request_id, raw from message_events
     where message_id = $1 order by id`,
    [messageId],
  )
}

async function everything() {
  return [
    await world.database.query('select * from messages order by id'),
    await world.database.query('select * from message_events order by id'),
    await world.database.query('select * from quarantined_events order by id'),
  ]
}

async function quarantined(): Promise<Record<string, unknown>[]> {
  const headers = { Authorization: `Bearer ${ops}` }
  return (await world.call('GET', '/api/events?quarantined=1&limit=1', undefined, headers)).body.events
}
