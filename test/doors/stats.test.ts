import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moment } from '#support/forms.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

describe('the figures', () => {
  let headers: Record<string, string>
  const stats = (query = '') => world.call('GET', `/api/stats${query}`, undefined, headers)

  beforeAll(async () => {
    headers = { Authorization: `Bearer ${await world.token('figures')}` }
    const numbers = ['+33612345670', '+33612345671', '+33612345690', '+33612345680', '+33612345685']
    for (const to of numbers) {
      const params = { to, body: 'b' }
      await world.call('POST', '/api/max/actions', { action: 'sendWhatsApp', params }, headers)
    }
    const email = { to: 'bounce@example.com', subject: 's', body: 'b', provider: 'sendgrid' }
    await world.call('POST', '/api/max/actions', { action: 'sendEmail', params: email }, headers)
    await world.action('sendSMS', { to: '+33612345685', body: 'another tenant’s' })
    await world.settled()
  })

  test('count each message once a fact, with the rates', async () => {
    const { status, body } = await stats('?channel=whatsapp')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      from: expect.stringMatching(moment),
      to: expect.stringMatching(moment),
      messages: 5,
      sent: 3,
      delivered: 2,
      read: 2,
      opened: 0,
      openedByMachines: 0,
      clicked: 0,
      bounced: 0,
      rejected: 1,
      failed: 1,
      complained: 0,
      rates: { delivered: 0.6667, read: 1, opened: 0, clicked: 0, bounced: 0, complained: 0, failed: 0.2 },
    })
  })

  test('are of the channel and the time that were asked for', async () => {
    expect((await stats()).body).toMatchObject({ messages: 6, bounced: 1 })
    expect((await stats('?channel=email')).body).toMatchObject({
      messages: 1,
      sent: 1,
      bounced: 1,
      rates: { bounced: 1 },
    })
    expect((await stats('?channel=sms')).body).toMatchObject({
      messages: 0,
      rates: { delivered: null, failed: null },
    })
    const past = '?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00%2B01:00'
    expect((await stats(past)).body).toMatchObject({
      messages: 0,
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-01T23:00:00.000Z',
    })
  })

  test('are of one tenant', async () => {
    const everybody = { Authorization: `Bearer ${await world.token()}` }
    const named = await world.call('GET', '/api/stats?tenantId=figures', undefined, everybody)
    expect(named.body.messages).toBe(6)
    const all = await world.call('GET', '/api/stats', undefined, everybody)
    expect(all.body.messages).toBe(7)
    expect((await stats('?tenantId=figures')).body.messages).toBe(6)
  })
})
