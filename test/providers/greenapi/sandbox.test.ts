import { describe, expect, it } from 'vitest'
import { greenapi } from '#providers/greenapi/index.ts'
import type { Provider } from '#src/contract/provider.ts'
import { heard, sent, text } from '#support/heard.ts'
import { world } from '#support/receiver.ts'

async function setUp() {
  const { sandbox, receiver } = await world({ holdMs: 1 })
  const provider = await greenapi.create(sandbox.environment, {
    baseUrl: receiver.url,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  })
  if (!provider) throw new Error('greenapi is off')
  return { sandbox, receiver, provider }
}

async function lost(provider: Provider, to: string) {
  const attemptedAt = new Date()
  await expect(provider.send?.(text(to))).rejects.toMatchObject({ certainty: 'unknown' })
  return attemptedAt
}

describe('greenapi, asked for what its webhooks did not tell', () => {
  it('says of a silent message that it was read', async () => {
    const { sandbox, receiver, provider } = await setUp()
    const accepted = await sent(provider, text('+33612345685'))
    await sandbox.idle()
    expect(receiver.arrived).toEqual([])
    expect(await provider.status?.(accepted)).toMatchObject([
      {
        eventId: `1101000001:33612345685@c.us:${accepted.providerMessageId}:read`,
        type: 'read',
        recipient: '+33612345685',
        source: 'poll',
        raw: { type: 'outgoing', statusMessage: 'read' },
      },
    ])
  })

  it.each(['+33612345678', '+33612345690', '+33612345691', '+33612345687', '+33612345688'])(
    'tells the same fact of %s as the webhook',
    async (to) => {
      const { sandbox, receiver, provider } = await setUp()
      const accepted = await sent(provider, text(to))
      await sandbox.idle()
      const [event] = (await provider.status?.(accepted)) ?? []
      const told = heard(provider, receiver).find(({ eventId }) => eventId === event?.eventId)
      expect(told).toMatchObject({ type: event?.type, code: event?.code, reason: event?.reason })
      expect(event?.providerType).toBe(told?.providerType)
    },
  )

  it('has nothing to say of a message that it does not know', async () => {
    const { provider } = await setUp()
    const accepted = {
      id: '1',
      channel: 'whatsapp',
      recipient: '+33612345678',
      providerMessageId: 'X',
    } as const
    expect(await provider.status?.(accepted)).toEqual([])
  })
})

describe('greenapi, asked for a send of unknown outcome', () => {
  it.each(['+33612345683', '+33612345684'])('finds the one message to %s, as ours', async (to) => {
    const { sandbox, provider } = await setUp()
    const attemptedAt = await lost(provider, to)
    await sandbox.idle()
    const [queued, read, ...more] = (await provider.find?.(text(to), attemptedAt)) ?? []
    const id = `1101000001:${to.slice(1)}@c.us:${sandbox.received()[0]?.id}`
    expect(queued).toMatchObject({ eventId: `${id}:queued`, type: 'queued', messageId: text(to).id })
    expect(read).toMatchObject({ eventId: `${id}:read`, type: 'read', messageId: text(to).id })
    expect(more).toEqual([])
  })

  it('finds one that shows its buttons in the text', async () => {
    const { sandbox, provider } = await setUp()
    const message = { ...text('+33612345683'), buttons: [{ id: 'confirm', title: 'Oui' }] }
    const attemptedAt = new Date()
    await expect(provider.send?.(message)).rejects.toMatchObject({ certainty: 'unknown' })
    await sandbox.idle()
    expect(sandbox.received()).toMatchObject([{ text: `${message.body}\n\n• Oui` }])
    expect(await provider.find?.(message, attemptedAt)).toHaveLength(2)
  })

  it('finds none where two sends could be meant, or another text', async () => {
    const { sandbox, provider } = await setUp()
    const message = text('+33612345683')
    const attemptedAt = await lost(provider, message.to)
    await sandbox.idle()
    expect(await provider.find?.({ ...message, body: 'Bonsoir' }, attemptedAt)).toEqual([])
    expect(await provider.find?.(message, attemptedAt)).toHaveLength(2)
    await lost(provider, message.to)
    expect(await provider.find?.(message, attemptedAt)).toEqual([])
  })
})

describe('greenapi, asked for what customers wrote', () => {
  it('tells it under the ids that the webhooks had', async () => {
    const { sandbox, receiver, provider } = await setUp()
    const since = new Date()
    for (const said of ['OUI', 'NON'])
      await sandbox.say({ channel: 'whatsapp', provider: 'greenapi', from: '+33612345678', text: said })
    await provider.send?.(text('+33612345678'))
    await sandbox.idle()
    const told = heard(provider, receiver).filter(({ type }) => type === 'received')
    const listed = (await provider.inboundSince?.(since)) ?? []
    expect(listed.map(({ eventId }) => eventId).sort()).toEqual(told.map(({ eventId }) => eventId).sort())
    expect(listed.map(({ inbound }) => inbound?.text).sort()).toEqual(['NON', 'OUI'])
    expect(listed[0]).toMatchObject({ type: 'received', source: 'poll', inbound: { sender: '+33612345678' } })
    const same = told.find(({ eventId }) => eventId === listed[0]?.eventId)
    expect(listed[0]?.occurredAt).toEqual(same?.occurredAt)
  })
})
