import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuid } from '#support/forms.ts'
import { bySms, person, receivedBy, send, ways } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const silentNumber = '+33612345685'

describe('a send that the provider accepts', () => {
  test.each(ways)('$action by $provider answers 200 in the form of the contract', async (way) => {
    const to = person(way, 'silent')
    const { status, body } = await send(world, way, to)
    expect(status).toBe(200)
    const noun = { sendEmail: 'Email "Test"', sendWhatsApp: 'WhatsApp', sendSMS: 'SMS' }[way.action]
    expect(body).toEqual({
      success: true,
      provider: way.provider,
      entityId: expect.stringMatching(/./),
      messageId: expect.stringMatching(uuid),
      status: way.action === 'sendEmail' ? 'sent' : 'queued',
      preview: `${noun} envoyé à ${to}`,
      // Nobody has written to us yet: to Twilio's WhatsApp that is outside the window.
      warnings: way.action === 'sendWhatsApp' && way.provider === 'twilio' ? ['outside_whatsapp_window'] : [],
    })
  })

  test('without a provider goes out by the first that is on', async () => {
    const email = await world.action('sendEmail', { to: 'silent@example.com', subject: 'a', body: 'b' })
    expect(email.body.provider).toBe('smtp')
    const whatsapp = await world.action('sendWhatsApp', { to: silentNumber, body: 'b' })
    expect(whatsapp.body.provider).toBe('twilio')
  })

  test('POST /api/sms/send takes the params without an envelope and answers the same', async () => {
    const params = { to: silentNumber, body: 'Bonjour' }
    const enveloped = await world.action('sendSMS', params)
    const bare = await world.call('POST', '/api/sms/send', params)
    const others = { messageId: expect.stringMatching(uuid), entityId: expect.stringMatching(/^SM/) }
    expect(bare).toMatchObject({ status: 200 })
    expect(bare.body).toEqual({ ...enveloped.body, ...others })
  })

  test('has its preview in English for a caller who prefers it, in French for everybody else', async () => {
    const params = { to: silentNumber, body: 'b' }
    const ask = (language: string) =>
      world.call('POST', '/api/sms/send', params, { 'Accept-Language': language })
    for (const language of ['en', 'en-GB,en;q=0.9,fr;q=0.8', 'EN-us'])
      expect((await ask(language)).body.preview).toBe(`SMS sent to ${silentNumber}`)
    for (const language of ['fr-FR,fr;q=0.9,en;q=0.8', 'de', '*', '%%', 'end'])
      expect((await ask(language)).body.preview).toBe(`SMS envoyé à ${silentNumber}`)
  })

  test('may have its number in any usual writing', async () => {
    for (const to of [
      '06 12 34 56 85',
      '0033612345685',
      'tel:+33-6-12-34-56-85',
      '\u202a+33 6 12 34 56 85\u202c',
    ])
      expect((await world.action('sendSMS', { to, body: 'b' })).body.preview).toContain(silentNumber)
  })

  test('reaches the recipient with everything that was asked', async () => {
    await world.action('sendEmail', {
      to: 'whole@example.com',
      subject: 'Réunion',
      body: '<p>Bonjour</p>',
      text: 'Bonjour',
      from: 'Max <max@example.com>',
      replyTo: 'sales@example.com',
      cc: ['copy@example.com'],
      attachments: [{ filename: 'été.pdf', content: 'SGk=', contentType: 'application/pdf' }],
      provider: 'smtp',
    })
    const [received] = receivedBy(world, 'whole@example.com')
    expect(received).toMatchObject({ subject: 'Réunion', from: expect.stringContaining('max@example.com') })
    expect(received?.headers['reply-to']).toContain('sales@example.com')
  })

  test('is looked at for HTML in a time that grows with its body, whatever that is full of', async () => {
    const timed = async (body: string) => {
      const startedAt = performance.now()
      const params = { to: 'silent@example.com', subject: 's', body }
      const { status } = await world.ask('POST', '/api/max/actions', { action: 'sendEmail', params })
      expect(status).toBe(200)
      return performance.now() - startedAt
    }
    // The quickest of some: what else the machine does takes its time from any of them.
    const quickest = async (body: string) => Math.min(await timed(body), await timed(body), await timed(body))
    const plainMs = await quickest('xy '.repeat(50_000))
    expect((await quickest('<p '.repeat(50_000))) / plainMs).toBeLessThan(20)
  })

  test('keeps what the caller wants to find it by', async () => {
    const links = { leadId: 'lead-1', parentType: 'Meeting', parentId: 'meeting-1' }
    const metadata = {
      campaign: 'spring',
      nested: { list: [1, 'two', null, 3.5] },
      text: '\\u0000 "__proto__":',
    }
    const sent = await world.action('sendSMS', { to: silentNumber, body: 'b', ...links, metadata })
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(body.message).toMatchObject({ ...links, tenantId: 't1', channel: 'sms', direction: 'outbound' })
    expect(body.message.metadata).toEqual(metadata)
  })
})

describe('a send that is refused for good', () => {
  test.each(ways)('$action by $provider answers 422 and is kept as such', async (way) => {
    const to = person(way, 'refused')
    const { status, body } = await send(world, way, to)
    expect(status).toBe(422)
    expect(body).toMatchObject({
      success: false,
      messageId: expect.stringMatching(uuid),
      error: { code: 'provider_rejected', provider: way.provider, providerCode: expect.stringMatching(/./) },
    })
    expect(JSON.stringify(body)).not.toContain(to)
    const kept = await world.call('GET', `/api/messages/${body.messageId}`)
    expect(kept.body.message).toMatchObject({ status: 'rejected', errorCode: body.error.providerCode })
    expect(kept.body.events.map((event: { type: string }) => event.type)).toEqual(['rejected'])
  })

  test('answers its repeat with the same refusal', async () => {
    const to = person(bySms, 'refused')
    const first = await send(world, bySms, to, { idempotencyKey: 'refused' })
    const second = await send(world, bySms, to, { idempotencyKey: 'refused' })
    expect(second).toMatchObject({ status: 422, body: first.body })
  })
})
