import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromGreenapi, post } from '#support/signed.ts'
import {
  facts,
  greenapiInbound,
  greenapiNotification,
  greenapiStatus,
  type Sent,
  sent,
  silentNumber,
  timeline,
} from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
let message: Sent
beforeAll(async () => {
  world = await startWorld()
  message = await sent(world, 'greenapi')
})
afterAll(() => world.stop())

/** Green-API holds back everything behind an item that is not answered 200. */
describe('trial 18: Green-API', () => {
  const status = (word: unknown) => ({ ...greenapiStatus(message, 'sent'), status: word })
  const notifications: [string, () => unknown, 'event' | 'quarantined'][] = [
    ['an empty status', () => status(''), 'event'],
    ['a status that is null', () => ({ ...status(null), idMessage: 'another' }), 'event'],
    ['an unknown status', () => status('teleported'), 'event'],
    ['an unknown type', () => greenapiNotification('marsLandingReceived'), 'event'],
    ['a type without anything else', () => ({ typeWebhook: 'stateInstanceChanged' }), 'event'],
    ['no type', () => ({ ...greenapiStatus(message, 'sent'), typeWebhook: undefined }), 'quarantined'],
    [
      'another instance',
      () => ({ ...greenapiStatus(message, 'read'), instanceData: { idInstance: 9999999999, wid: 'x@c.us' } }),
      'quarantined',
    ],
    ['a status that is a list', () => status(['sent']), 'quarantined'],
    ['JSON that is not an object', () => '[]', 'quarantined'],
    ['null', () => 'null', 'quarantined'],
    ['malformed JSON', () => '{"typeWebhook":"outgoingMessageStatus",', 'quarantined'],
    ['no body', () => '', 'quarantined'],
    ['bytes that are not a text', () => '\u0000\u0001', 'quarantined'],
    [
      'nesting of 100,000',
      () => `{"typeWebhook":"x","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'quarantined',
    ],
  ]

  test.each(notifications)(
    '%s is answered 200 and kept, and the next item too',
    async (_what, notification, as) => {
      const before = await counts()
      expect((await post(world.url, fromGreenapi(notification()))).status).toBe(200)
      const after = await counts()
      expect(after).toEqual({
        events: before.events + (as === 'event' ? 1 : 0),
        quarantined: before.quarantined + (as === 'quarantined' ? 1 : 0),
      })
      expect((await timeline(world, message.messageId)).message.status).toBe('queued')
      const from = silentNumber()
      expect((await post(world.url, fromGreenapi(greenapiInbound(from, 'Oui')))).status).toBe(200)
      const rows = await world.database.query('select text from messages where sender = $1', [from])
      expect(rows).toEqual([{ text: 'Oui' }])
    },
  )

  test('a repeated status is answered 200 and kept once, and the next one too', async () => {
    const other = await sent(world, 'greenapi')
    for (const word of ['sent', 'sent', 'delivered', 'sent', 'delivered', 'read', 'read'])
      expect((await post(world.url, fromGreenapi(greenapiStatus(other, word)))).status).toBe(200)
    expect(await facts(world, other.messageId)).toEqual(['sent', 'delivered', 'read'])
  })

  test('a status of another instance changes no message of ours, though it names the same id', async () => {
    const notification = { ...greenapiStatus(message, 'failed'), instanceData: { idInstance: '7777777777' } }
    expect((await post(world.url, fromGreenapi(notification))).status).toBe(200)
    expect((await timeline(world, message.messageId)).message.status).toBe('queued')
  })
})

/** What webhooks told: now and then the worker adds what a provider says when it is asked. */
async function counts(): Promise<{ events: number; quarantined: number }> {
  const [row] = await world.database.query(
    `select (select count(*) from message_events where source = 'webhook')::integer as events,
            (select count(*) from quarantined_events)::integer as quarantined`,
  )
  return { events: Number(row?.events), quarantined: Number(row?.quarantined) }
}
