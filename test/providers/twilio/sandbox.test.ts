import { describe, expect, it } from 'vitest'
import { twilio } from '#providers/twilio/index.ts'
import type { Provider } from '#src/contract/provider.ts'
import { heard, sent, text } from '#support/heard.ts'
import { world } from '#support/receiver.ts'

async function setUp(more: Record<string, string> = {}) {
  const { sandbox, receiver } = await world({ holdMs: 1 })
  const tools = {
    baseUrl: receiver.url,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  }
  const provider = await twilio.create({ ...sandbox.environment, ...more }, tools)
  if (!provider) throw new Error('twilio is off')
  return { sandbox, receiver, provider }
}

async function lost(provider: Provider, message: Parameters<NonNullable<Provider['send']>>[0]) {
  const attemptedAt = new Date()
  await expect(provider.send?.(message)).rejects.toMatchObject({ certainty: 'unknown' })
  return attemptedAt
}

describe('twilio, asked for what its callbacks did not tell', () => {
  it.each([
    ['whatsapp', '+33612345685', 'read'],
    ['sms', '+33612345685', 'delivered'],
  ] as const)('says of a silent message by %s (%s) that it is %s', async (channel, to, type) => {
    const { sandbox, receiver, provider } = await setUp()
    const accepted = await sent(provider, text(to, channel))
    await sandbox.idle()
    expect(receiver.arrived).toEqual([])
    const [event, ...more] = (await provider.status?.(accepted)) ?? []
    expect(more).toEqual([])
    expect(event).toMatchObject({
      eventId: `${accepted.providerMessageId}:${type}`,
      type,
      channel,
      recipient: to,
      source: 'poll',
      raw: { sid: accepted.providerMessageId, num_segments: '1' },
    })
  })

  it.each(['+33612345678', '+33612345690', '+33612345691', '+33612345687', '+33612345688'])(
    'tells the same fact of %s as the callback',
    async (to) => {
      const { sandbox, receiver, provider } = await setUp()
      const accepted = await sent(provider, text(to))
      await sandbox.idle()
      const [event] = (await provider.status?.(accepted)) ?? []
      const told = heard(provider, receiver).find(({ eventId }) => eventId === event?.eventId)
      expect(told).toMatchObject({ type: event?.type, code: event?.code, recipient: event?.recipient })
      expect(event?.providerType).toBe(told?.providerType)
    },
  )

  it('has nothing to say of a message that it does not know', async () => {
    const { provider } = await setUp()
    const accepted = { id: '1', channel: 'sms', recipient: '+33612345678', providerMessageId: 'SM0' } as const
    expect(await provider.status?.(accepted)).toEqual([])
  })
})

describe('twilio, asked for a send of unknown outcome', () => {
  it.each(['+33612345683', '+33612345684'])('finds the one message to %s, as ours', async (to) => {
    const { sandbox, provider } = await setUp()
    const attemptedAt = await lost(provider, text(to))
    await sandbox.idle()
    const found = await provider.find?.(text(to), attemptedAt)
    expect(found).toMatchObject([
      { type: 'read', messageId: text(to).id, eventId: `${sandbox.received()[0]?.id}:read`, source: 'poll' },
    ])
  })

  it('finds it by its Messaging Service where no number is configured', async () => {
    const service = `MG${'5a4db0c5'.repeat(4)}`
    const { sandbox, provider } = await setUp({
      TWILIO_MESSAGING_SERVICE_SID: service,
      TWILIO_SMS_FROM: '',
      TWILIO_WHATSAPP_FROM: '',
    })
    const message = text('+33612345683', 'sms')
    const attemptedAt = await lost(provider, message)
    await sandbox.idle()
    expect(await provider.find?.(message, attemptedAt)).toMatchObject([{ type: 'delivered' }])
    expect(provider.inboundSince).toBeUndefined()
  })

  it('finds none where two sends could be meant, or another text, time or channel', async () => {
    const { sandbox, provider } = await setUp()
    const message = text('+33612345683')
    const attemptedAt = await lost(provider, message)
    await sandbox.idle()
    expect(await provider.find?.({ ...message, body: 'Bonsoir' }, attemptedAt)).toEqual([])
    expect(await provider.find?.({ ...message, channel: 'sms' }, attemptedAt)).toEqual([])
    expect(await provider.find?.(message, new Date(attemptedAt.getTime() + 120_000))).toEqual([])
    expect(await provider.find?.(message, new Date(attemptedAt.getTime() - 16 * 60_000))).toEqual([])
    expect(await provider.find?.(message, attemptedAt)).toHaveLength(1)
    await lost(provider, message)
    expect(await provider.find?.(message, attemptedAt)).toEqual([])
  })
})

describe('twilio, asked for what customers wrote', () => {
  it('tells it oldest first, under the ids that the webhooks had', async () => {
    const { sandbox, receiver, provider } = await setUp()
    const since = new Date()
    await sandbox.say({ channel: 'whatsapp', from: '+33612345678', text: 'OUI' })
    await sandbox.say({ channel: 'sms', from: '+33612345679', text: 'NON' })
    await provider.send?.(text('+33612345678'))
    await sandbox.idle()
    const told = heard(provider, receiver).filter(({ type }) => type === 'received')
    const listed = (await provider.inboundSince?.(since)) ?? []
    expect(listed.map(({ eventId }) => eventId).sort()).toEqual(told.map(({ eventId }) => eventId).sort())
    expect(listed.map(({ inbound }) => inbound)).toEqual(
      listed.map(({ eventId }) => told.find((event) => event.eventId === eventId)?.inbound),
    )
    expect(listed).toMatchObject([
      { type: 'received', channel: 'whatsapp', source: 'poll', inbound: { text: 'OUI' } },
      { type: 'received', channel: 'sms', source: 'poll', inbound: { text: 'NON' } },
    ])
    expect(await provider.inboundSince?.(new Date(Date.now() + 120_000))).toEqual([])
  })
})
