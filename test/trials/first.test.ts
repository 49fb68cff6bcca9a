import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

test('a WhatsApp message is sent, delivered and read, and its timeline says so', async () => {
  const sent = await world.action('sendWhatsApp', {
    to: '06 12 34 56 70',
    body: 'Bonjour',
    provider: 'twilio',
  })
  expect(sent).toMatchObject({ status: 200, body: { success: true, provider: 'twilio', status: 'queued' } })
  await world.settled()
  const told = await world.call('GET', `/api/messages/${sent.body.messageId}`)
  expect(told.body.message).toMatchObject({ status: 'read', recipient: '+33612345670', tenantId: 't1' })
  expect(told.body.events.map((event: { type: string }) => event.type)).toEqual([
    'queued',
    'sent',
    'delivered',
    'read',
  ])
})
