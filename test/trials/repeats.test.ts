import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drained, fromGreenapi, fromSendgrid, fromTwilio, post, type SignedRequest } from '#support/signed.ts'
import {
  deliveries,
  facts,
  greenapiInbound,
  sendgridEvent,
  sent,
  silentNumber,
  timeline,
  twilioInbound,
} from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

describe.each(deliveries)('$provider ($channel)', ({ provider, channel, delivered }) => {
  test('trial 1: the same webhook posted three times is one event, and changes the message once', async () => {
    const message = await sent(world, provider, channel)
    const webhook = delivered(message, world.url)
    expect((await post(world.url, webhook)).status).toBeLessThan(300)
    const first = await timeline(world, message.messageId)
    for (const status of [await post(world.url, webhook), await post(world.url, webhook)])
      expect(status.status).toBeLessThan(300)
    expect(await facts(world, message.messageId)).toEqual(['delivered'])
    expect(first.message.status).toBe('delivered')
    // Not even its updatedAt: an effect that hangs on the change has nothing to hang on.
    expect(await timeline(world, message.messageId)).toEqual(first)
  })

  test('trial 2: copies at the same moment on their own connections are one event', async () => {
    const message = await sent(world, provider, channel)
    const statuses = await together(world.url, delivered(message, world.url), 8)
    expect(Math.max(...statuses)).toBeLessThan(300)
    expect(await facts(world, message.messageId)).toEqual(['delivered'])
  })
})

test('trial 1: two copies inside one batch are one event', async () => {
  const message = await sent(world, 'sendgrid')
  const event = sendgridEvent(message, { event: 'delivered' })
  const other = sendgridEvent(message, { event: 'open' })
  expect((await post(world.url, fromSendgrid([event, other, event, event]))).status).toBe(200)
  expect(await facts(world, message.messageId)).toEqual(['delivered', 'opened'])
})

test.each([
  ['sendEmail', { to: 'twice@customers.example', subject: 'Hello', body: 'Hi', provider: 'sendgrid' }],
  ['sendEmail', { to: 'twice@customers.example', subject: 'Hello', body: 'Hi', provider: 'resend' }],
  ['sendWhatsApp', { to: '+33612345686', body: 'Hi', provider: 'twilio' }],
  ['sendWhatsApp', { to: '+33612345686', body: 'Hi', provider: 'greenapi' }],
  ['sendSMS', { to: '+33612345686', body: 'Hi' }],
])('trial 1: %s to a provider that says everything twice has each event once: %o', async (action, params) => {
  const { body } = await world.action(action, params)
  await world.settled()
  const told = await facts(world, body.messageId)
  expect(told).toContain('delivered')
  expect(new Set(told).size).toBe(told.length)
})

describe.each([
  ['twilio', (from: string) => fromTwilio(twilioInbound(from, 'Oui'), { baseUrl: world.url })],
  ['greenapi', (from: string) => fromGreenapi(greenapiInbound(from, 'Oui'))],
])('%s', (_provider, inbound) => {
  test('trial 1: what a customer wrote, told twice, is one message', async () => {
    const from = silentNumber()
    const webhook = inbound(from)
    for (const { status } of [await post(world.url, webhook), await post(world.url, webhook)])
      expect(status).toBe(200)
    expect(await writtenBy(from)).toEqual(['Oui'])
  })

  test('trial 2: what a customer wrote, told at the same moment on several connections, is one message', async () => {
    const from = silentNumber()
    expect(await together(world.url, inbound(from), 8)).toEqual(Array(8).fill(200))
    expect(await writtenBy(from)).toEqual(['Oui'])
  })
})

async function writtenBy(sender: string): Promise<unknown[]> {
  await drained(world.url)
  const rows = await world.database.query(
    `select m.text, count(e.id)::integer as events from messages m left join message_events e on e.message_id = m.id
     where m.direction = 'inbound' and m.sender = $1 group by m.id`,
    [sender],
  )
  expect(rows.map(({ events }) => events)).toEqual(rows.map(() => 1))
  return rows.map(({ text }) => text)
}

/** Copies of one request, each on a connection of its own: all are open and written but for their last byte, then all end. */
async function together(
  url: string,
  { path, headers, body }: SignedRequest,
  copies: number,
): Promise<number[]> {
  const requests: ClientRequest[] = Array.from({ length: copies }, () =>
    request(`${url}${path}`, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': body.length },
    }),
  )
  const answers = requests.map(async (one) => {
    const [answer]: IncomingMessage[] = await once(one, 'response')
    answer?.resume()
    return answer?.statusCode ?? 0
  })
  await Promise.all(
    requests.map(
      (one) =>
        new Promise<void>((resolve, reject) => {
          one.once('error', reject)
          one.write(body.subarray(0, -1), () => resolve())
        }),
    ),
  )
  for (const one of requests) one.end(body.subarray(-1))
  return Promise.all(answers)
}
