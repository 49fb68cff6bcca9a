import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { anotherServer } from '#support/another-server.ts'
import { drained, fromSendgrid, fromTwilio, knock, post } from '#support/signed.ts'
import {
  deliveries,
  facts,
  sendgridEvent,
  sent,
  silentAddress,
  silentNumber,
  timeline,
  twilioStatus,
} from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

/** A Twilio whose next answer the test writes: when it comes, and which SID it tells. */
const api = {
  answer: async () => newSid(),
  url: '',
  close: () => {},
}

let world: World
/** On the same database: what one process tells of shares a commit, what two tell of does not. */
let other: Awaited<ReturnType<typeof anotherServer>>
beforeAll(async () => {
  await startApi()
  const environment = { TWILIO_API_URL: api.url }
  world = await startWorld({ workerEveryMs: 25, environment })
  other = await anotherServer(world, { environment })
})
afterAll(async () => {
  await other.stop()
  await world.stop()
  api.close()
})

test.each([
  ['sendEmail', { to: 'early@customers.example', subject: 'Hello', body: 'Hi', provider: 'sendgrid' }],
  ['sendEmail', { to: 'early@customers.example', subject: 'Hello', body: 'Hi', provider: 'resend' }],
  ['sendWhatsApp', { to: '+33612345689', body: 'Hi', provider: 'greenapi' }],
])('trial 6: receipts that arrive before our own %s has returned are applied: %o', async (action, params) => {
  const { body } = await world.action(action, params)
  await world.settled()
  expect(body).toMatchObject({ success: true })
  expect(await facts(world, body.messageId)).toContain('delivered')
  expect((await timeline(world, body.messageId)).message.deliveredAt).not.toBeNull()
})

describe('a receipt that names only the provider’s id', () => {
  test('trial 6: before the send has returned, is parked and then applied', async () => {
    const to = silentNumber()
    const entityId = newSid()
    api.answer = async () => {
      expect(await tellDelivered(entityId, to)).toBe(204)
      expect(await unmatched()).toContain(entityId)
      return entityId
    }
    const { body } = await world.action('sendWhatsApp', { to, body: 'Hi', provider: 'twilio' })
    expect((await timeline(world, body.messageId)).message).toMatchObject({ status: 'delivered' })
    expect(await unmatched()).not.toContain(entityId)
  })

  test('trial 6: after the send has returned, is applied', async () => {
    const to = silentNumber()
    const entityId = newSid()
    api.answer = async () => entityId
    const { body } = await world.action('sendWhatsApp', { to, body: 'Hi', provider: 'twilio' })
    expect(await tellDelivered(entityId, to)).toBe(204)
    expect((await timeline(world, body.messageId)).message).toMatchObject({ status: 'delivered' })
  })

  // Neither transaction can see the other's rows: only the worker can bring them together.
  test.each([
    ['the receipt', 'message_events', `new.recipient = '%' and new.source = 'webhook'`],
    ['the send', 'messages', `new.recipient = '%' and new.provider_message_id is not null`],
  ])(
    'trial 6: with both transactions open at once and %s committing last, is applied',
    async (_what, table, when) => {
      const to = silentNumber()
      const entityId = newSid()
      api.answer = async () => entityId
      const gate = await commitGate(table, when.replace('%', to))
      // Answered from the spool too: at the gate nothing reaches the database.
      const params = { to, body: 'Hi', provider: 'twilio' }
      const send = () => world.ask('POST', '/api/max/actions', { action: 'sendWhatsApp', params })
      const tell = () => tellDelivered(entityId, to, other.url)
      const [last, first] = table === 'message_events' ? [tell, send] : [send, tell]
      const waiting = last()
      await gate.reached()
      await first()
      await gate.open()
      await waiting
      const { body } = await world.call('GET', `/api/messages?to=${encodeURIComponent(to)}`)
      await becomesDelivered(body.messages[0].id)
      expect(await unmatched()).not.toContain(entityId)
    },
  )
})

test.each(deliveries)(
  'trial 7: a receipt of $provider ($channel) for an unknown id is kept and visible',
  async ({ provider, delivered }) => {
    const stranger = {
      messageId: '',
      entityId: `SM${randomBytes(16).toString('hex')}`,
      to: '+33699999999',
    }
    expect((await post(world.url, delivered(stranger, world.url))).status).toBeLessThan(300)
    const events = await unmatchedEvents()
    expect(events.find(({ providerMessageId }) => providerMessageId === stranger.entityId)).toMatchObject({
      provider,
      type: 'delivered',
      messageId: null,
    })
    // It belongs to nobody yet: a tenant's token does not show it.
    const seen = await world.call('GET', '/api/events?unmatched=1')
    expect(JSON.stringify(seen.body)).not.toContain(stranger.entityId)
  },
)

test('trial 7: a receipt for an unknown id is matched by the worker when its message appears', async () => {
  const to = silentNumber()
  const entityId = newSid()
  expect(await tellDelivered(entityId, to)).toBe(204)
  api.answer = async () => newSid()
  const { body } = await world.action('sendWhatsApp', { to, body: 'Hi', provider: 'twilio' })
  expect((await timeline(world, body.messageId)).message.status).toBe('queued')
  // As a restored backup or another instance would bring it: nothing of ours runs but the worker.
  await world.database.query('update messages set provider_message_id = $1 where id = $2', [
    entityId,
    body.messageId,
  ])
  await becomesDelivered(body.messageId)
  expect(await unmatched()).not.toContain(entityId)
  // By the worker of either.
  const lines = () => [...world.logLines, ...other.logLines].join('')
  await expect.poll(lines, { timeout: 10_000 }).toContain('parked_events_matched')
})

describe('a SendGrid bounce without custom args and without sg_message_id', () => {
  const bounce = { event: 'bounce', type: 'bounce', status: '5.1.1', reason: '550 5.1.1 unknown user' }

  test('trial 10: is matched by address and time, and marked as guessed', async () => {
    const message = await sent(world, 'sendgrid')
    await post(world.url, fromSendgrid([sendgridEvent({ to: message.to }, bounce)]))
    const { message: shown, events } = await timeline(world, message.messageId)
    expect(shown).toMatchObject({ status: 'bounced', errorCode: '5.1.1' })
    expect(events.find(({ type }) => type === 'bounced')).toMatchObject({ guessed: true })
    expect(events.filter(({ type }) => type !== 'bounced').map(({ guessed }) => guessed)).not.toContain(true)
  })

  test('trial 10: is parked where nothing was sent to that address, and never guessed for another one', async () => {
    const message = await sent(world, 'sendgrid')
    const stranger = silentAddress()
    await post(world.url, fromSendgrid([sendgridEvent({ to: stranger }, bounce)]))
    expect((await timeline(world, message.messageId)).message.status).toBe('sent')
    expect((await unmatchedEvents()).find(({ recipient }) => recipient === stranger)).toMatchObject({
      type: 'bounced',
      messageId: null,
      guessed: false,
    })
  })

  test('trial 10: is parked where it happened long before the message was sent', async () => {
    const message = await sent(world, 'sendgrid')
    const timestamp = Math.floor(Date.now() / 1_000) - 3_600
    await post(world.url, fromSendgrid([sendgridEvent({ to: message.to }, { ...bounce, timestamp })]))
    expect((await timeline(world, message.messageId)).message.status).toBe('sent')
  })
})

function becomesDelivered(messageId: string): Promise<void> {
  return vi.waitFor(
    async () => expect((await timeline(world, messageId)).message).toMatchObject({ status: 'delivered' }),
    { timeout: 15_000 },
  )
}

function newSid(): string {
  return `SM${randomBytes(16).toString('hex')}`
}

/** The receipt as Twilio tells it of a message that was not sent with our callback URL: no `m`, only its own SID. */
async function tellDelivered(entityId: string, to: string, url = world.url): Promise<number> {
  const webhook = fromTwilio(twilioStatus({ entityId, to }, 'delivered'), { baseUrl: world.url })
  return (await knock(url, webhook)).status
}

async function unmatchedEvents(): Promise<Record<string, unknown>[]> {
  await drained(world.url)
  const headers = { Authorization: `Bearer ${await world.token()}` }
  const { body } = await world.call('GET', '/api/events?unmatched=1&limit=200', undefined, headers)
  return body.events
}

async function unmatched(): Promise<unknown[]> {
  return (await unmatchedEvents()).map(({ providerMessageId }) => providerMessageId)
}

async function startApi(): Promise<void> {
  const server = createServer(async (request, response) => {
    request.resume()
    await once(request, 'end')
    const sid = await api.answer()
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ sid, status: 'queued', from: null, num_segments: '1', error_code: null }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  api.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  api.close = () => server.close()
}

/** Lets the commits of a table's rows that fit `when` wait at a gate, everything done but the commit itself. */
async function commitGate(table: string, when: string) {
  const key = randomInt(1, 2 ** 31 - 1)
  const client = new pg.Client({ connectionString: world.database.url })
  client.on('error', () => {})
  await client.connect()
  await client.query(`
    select pg_advisory_lock(${key});
    create function gate_${key}() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${key});
      return null;
    end $$;
    create constraint trigger gate_${key} after insert or update on ${table} deferrable initially deferred
      for each row when (${when}) execute function gate_${key}()`)
  return {
    reached: () =>
      vi.waitFor(
        async () => {
          const waiting = `select from pg_locks where locktype = 'advisory' and objid = ${key} and not granted`
          expect((await client.query(waiting)).rowCount).toBe(1)
        },
        { timeout: 10_000 },
      ),
    open: () => client.end(),
  }
}
