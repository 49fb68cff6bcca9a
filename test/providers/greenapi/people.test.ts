import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromGreenapi, post } from '#support/signed.ts'
import {
  facts,
  greenapiInbound,
  greenapiStatus,
  type Sent,
  sent,
  silentNumber,
  timeline,
} from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

let people = 123_456_789_012
const newLid = () => `${++people}@lid`

async function tell(notification: unknown): Promise<void> {
  expect((await post(world.url, fromGreenapi(notification))).status).toBe(200)
}

/** What somebody writes; by a number, or by the chat and the sender that Green-API shows. */
function written(text: string, chatId: string, sender = chatId) {
  return { ...greenapiInbound('+33600000000', text), senderData: { chatId, sender } }
}

async function received(text: string) {
  const rows = await world.database.query(
    `select sender, tenant_id from messages where direction = 'inbound' and text = $1 order by created_at`,
    [text],
  )
  return rows.map(({ sender, tenant_id: tenant }) => ({ sender, tenant }))
}

const byLid = (message: Sent, lid: string, status: string) => ({
  ...greenapiStatus(message, status),
  chatId: lid,
})

describe('one person, by number and by alias', () => {
  test('a status by alias is of the message, and of its number', async () => {
    const message = await sent(world, 'greenapi')
    await tell(byLid(message, newLid(), 'delivered'))
    const { message: shown, events } = await timeline(world, message.messageId)
    expect(shown.status).toBe('delivered')
    expect(events.at(-1)).toMatchObject({ type: 'delivered', recipient: message.to })
  })

  test('a person who answers by alias after that is the one we wrote to', async () => {
    const message = await sent(world, 'greenapi')
    const lid = newLid()
    await tell(byLid(message, lid, 'read'))
    const text = randomUUID()
    await tell(written(text, lid))
    expect(await received(text)).toEqual([{ sender: message.to, tenant: 't1' }])
  })

  test('a person who wrote by alias and number once is known by the alias alone', async () => {
    const message = await sent(world, 'greenapi')
    const lid = newLid()
    const text = randomUUID()
    await tell(written(text, lid))
    await tell(written(text, lid, `${message.to.slice(1)}@c.us`))
    await tell(written(text, lid))
    expect(await received(text)).toEqual([
      // Nobody knew then whose answer it was; it is known since.
      { sender: message.to, tenant: 't1' },
      { sender: message.to, tenant: 't1' },
      { sender: message.to, tenant: 't1' },
    ])
  })

  test('whose alias said STOP is not written to once it is known', async () => {
    const lid = newLid()
    await tell(written('STOP', lid))
    const message = await sent(world, 'greenapi')
    await tell(byLid(message, lid, 'delivered'))
    const again = { to: message.to, body: 'Hi', provider: 'greenapi' }
    expect(await world.action('sendWhatsApp', again)).toMatchObject({
      status: 422,
      body: { error: { code: 'suppressed' } },
    })
  })

  test('two strangers stay two', async () => {
    const text = randomUUID()
    const lids = [newLid(), newLid()]
    for (const lid of lids) await tell(written(text, lid))
    expect(await received(text)).toEqual(lids.map((sender) => ({ sender, tenant: null })))
  })
})

describe('a repeat', () => {
  test('is of the same instance, chat, message and status, whatever else it says', async () => {
    const message = await sent(world, 'greenapi')
    const status = greenapiStatus(message, 'delivered')
    await tell(status)
    await tell({ ...status, timestamp: status.timestamp + 7, description: 'again' })
    await tell(JSON.stringify(status, undefined, 2))
    expect(await facts(world, message.messageId)).toEqual(['delivered'])
    await tell(greenapiStatus(message, 'read'))
    expect(await facts(world, message.messageId)).toEqual(['delivered', 'read'])
  })

  test('is none in another chat, where the same message id is another message', async () => {
    const text = randomUUID()
    const first = written(text, `${silentNumber().slice(1)}@c.us`)
    const other = { ...first, senderData: written(text, `${silentNumber().slice(1)}@c.us`).senderData }
    for (const one of [first, other, first, other]) await tell(one)
    expect(await received(text)).toHaveLength(2)
  })
})
