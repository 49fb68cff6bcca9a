import { describe, expect, it } from 'vitest'
import { greenapiAsk } from '#providers/greenapi/ask.ts'
import { greenapiInboundSince } from '#providers/greenapi/inbound-list.ts'
import { localApi } from '#support/local-api.ts'

const now = () => new Date('2026-11-22T12:00:00Z')
const attemptedAt = new Date('2026-11-22T11:50:00Z')
const chatId = '33612345678@c.us'
const seconds = (time: string) => Date.parse(time) / 1_000

async function asked(body: unknown) {
  const server = await localApi(() => ({ status: 200, body }))
  const instanceId = '1101000001'
  const ask = greenapiAsk({ instanceId, token: 't', apiUrl: server.url, now })
  return {
    requests: server.requests,
    inboundSince: greenapiInboundSince(ask, { instanceId, country: 'FR' }, now),
  }
}

describe('the list of what customers wrote to Green-API', () => {
  const incoming = {
    type: 'incoming',
    idMessage: 'B',
    timestamp: seconds('2026-11-22T11:55:00Z'),
    chatId,
    senderId: chatId,
    senderName: 'Marie',
  }
  const written = (more: Record<string, unknown>) => ({ ...incoming, ...more })

  // Shapes of https://green-api.com/en/docs/api/journals/LastIncomingMessages/
  it.each([
    [{ typeMessage: 'textMessage', textMessage: 'Oui' }, { text: 'Oui' }],
    [
      { typeMessage: 'extendedTextMessage', extendedTextMessage: { text: 'https://x.example' } },
      { text: 'https://x.example' },
    ],
    [
      { typeMessage: 'quotedMessage', textMessage: 'Non', extendedTextMessage: { stanzaId: 'Q' } },
      { text: 'Non', repliedTo: 'Q' },
    ],
    [
      {
        typeMessage: 'imageMessage',
        downloadUrl: 'https://m.example/a',
        caption: 'Voici',
        mimeType: 'image/jpeg',
      },
      { text: 'Voici', media: [{ url: 'https://m.example/a', contentType: 'image/jpeg' }] },
    ],
    [
      { typeMessage: 'locationMessage', location: { nameLocation: 'Cabinet', latitude: 1.5, longitude: 2 } },
      { text: 'Cabinet, 1.5,2' },
    ],
    [{ typeMessage: 'contactMessage', contact: { displayName: 'Paul' } }, { text: 'Paul' }],
    [
      {
        typeMessage: 'interactiveButtonsResponse',
        interactiveButtonsResponse: { selectedId: '1', selectedDisplayText: 'Oui' },
      },
      { text: 'Oui', buttonPayload: '1' },
    ],
  ])('reads %j', async (item, inbound) => {
    const { inboundSince } = await asked([written(item)])
    expect(await inboundSince(attemptedAt)).toMatchObject([
      {
        eventId: `1101000001:incomingMessageReceived:${chatId}:B`,
        type: 'received',
        occurredAt: new Date('2026-11-22T11:55:00Z'),
        inbound: { sender: '+33612345678', ...inbound },
        raw: written(item),
      },
    ])
  })

  it('reads the others where one cannot be read', async () => {
    const text = written({ typeMessage: 'textMessage', textMessage: 'Oui' })
    const { inboundSince } = await asked([{ ...text, idMessage: 7 }, text, null])
    expect(await inboundSince(attemptedAt)).toMatchObject([{ inbound: { text: 'Oui' } }])
    await expect((await asked([null])).inboundSince(attemptedAt)).rejects.toThrow('cannot be read')
  })

  it('leaves out groups, what is said anew of an older message, and what is older, and has the oldest first', async () => {
    const said = { typeMessage: 'textMessage', textMessage: 'Oui' }
    const { inboundSince } = await asked([
      written(said),
      written({ ...said, idMessage: 'C', chatId: '120363@g.us' }),
      written({ typeMessage: 'editedMessage', idMessage: 'D', editedMessage: { text: 'Non' } }),
      written({ typeMessage: 'deletedMessage', idMessage: 'G' }),
      written({ ...said, idMessage: 'E', timestamp: seconds('2026-11-22T11:48:59Z') }),
      written({ ...said, idMessage: 'F', timestamp: seconds('2026-11-22T11:50:00Z') }),
    ])
    const found = await inboundSince(attemptedAt)
    expect(found.map(({ providerMessageId }) => providerMessageId)).toEqual(['F', 'B'])
  })

  it('is asked for at most a day back', async () => {
    const { inboundSince, requests } = await asked([])
    await inboundSince(new Date('2026-11-01T00:00:00Z'))
    expect(requests.map(({ path }) => path.split('?')[1])).toEqual(['minutes=1440'])
  })
})
