import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moment } from '#support/forms.ts'
import { byTwilio, person, send } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const silentNumber = '+33612345685'

describe('one message', () => {
  test('is shown with its events, oldest first', async () => {
    const to = person(byTwilio, 'ok')
    const sent = await send(world, byTwilio, to)
    await world.settled()
    const { status, body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, message: { id: sent.body.messageId, status: 'read' } })
    expect(body.events.map((event: { type: string }) => event.type)).toEqual([
      'queued',
      'sent',
      'delivered',
      'read',
    ])
    for (const event of body.events) {
      expect(event).toMatchObject({
        provider: 'twilio',
        providerType: expect.any(String),
        recipient: to,
        occurredAt: expect.stringMatching(moment),
        receivedAt: expect.stringMatching(moment),
        machine: false,
        guessed: false,
        source: expect.stringMatching(/^(send|webhook)$/),
      })
      expect(event).not.toHaveProperty('raw')
    }
  })

  test('is shown with what the provider said on raw=1', async () => {
    const sent = await send(world, byTwilio, person(byTwilio, 'ok'))
    await world.settled()
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}?raw=1`)
    const raws = body.events.map((event: { raw: Record<string, unknown> }) => event.raw.MessageStatus)
    expect(raws.slice(1)).toEqual(['sent', 'delivered', 'read'])
    const action = await world.action('getMessage', { id: sent.body.messageId, raw: true })
    expect(action.body).toEqual(body)
    const without = await world.call('GET', `/api/messages/${sent.body.messageId}?raw=0`)
    expect(without.body.events[0]).not.toHaveProperty('raw')
  })

  test('carries the id of the request that made it', async () => {
    const id = { 'X-Request-Id': 'crm-42' }
    const sent = await world.call('POST', '/api/sms/send', { to: silentNumber, body: 'b' }, id)
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(body.message.requestId).toBe('crm-42')
    expect(body.events[0].requestId).toBe('crm-42')
    expect(world.logLines.some((line) => line.includes('"requestId":"crm-42"'))).toBe(true)
  })

  test('that is not there is answered with what to check', async () => {
    const { status, body } = await world.call('GET', `/api/messages/${randomUUID()}`)
    expect({ status, message: body.error.message }).toEqual({
      status: 404,
      message: "message: there is none with this id (check the id, and the token's tenant)",
    })
  })
})
