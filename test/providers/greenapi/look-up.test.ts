import { describe, expect, it } from 'vitest'
import { greenapi } from '#providers/greenapi/index.ts'
import type { OutgoingText } from '#src/model/message.ts'
import { failure, text } from '#support/heard.ts'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'

const token = 'd75b3a66374942c5b3c019c698abc2067e151558acbd412345'
const now = () => new Date('2026-11-22T12:00:00Z')
const attemptedAt = new Date('2026-11-22T11:50:00Z')
const message: OutgoingText = text('+33612345678')
const chatId = '33612345678@c.us'
const secrets = [token, message.body, '33612345678']
const accepted = {
  id: message.id,
  channel: 'whatsapp',
  recipient: message.to,
  providerMessageId: 'A',
} as const
const seconds = (time: string) => Date.parse(time) / 1_000

const outgoing = {
  type: 'outgoing',
  idMessage: 'A',
  timestamp: seconds('2026-11-22T11:50:03Z'),
  typeMessage: 'extendedTextMessage',
  chatId,
  textMessage: message.body,
  extendedTextMessage: { text: message.body },
  statusMessage: 'sent',
  sendByApi: true,
}
const waiting = { messageID: 'A', type: 'sendMessage', body: { chatId, message: message.body } }

async function asked(replies: Record<string, unknown>, reply?: Reply) {
  const server = await localApi(
    ({ path }) => reply ?? { status: 200, body: replies[path.split('/')[2] ?? ''] ?? [] },
  )
  const provider = await providerAt(server.url)
  return {
    requests: server.requests,
    status: () => provider?.status?.(accepted),
    find: () => provider?.find?.(message, attemptedAt),
    inboundSince: (since: Date) => provider?.inboundSince?.(since),
  }
}

function providerAt(url: string) {
  const environment = { GREEN_API_INSTANCE_ID: '1101000001', GREEN_API_TOKEN: token, GREEN_API_URL: url }
  return greenapi.create(environment, {
    baseUrl: undefined,
    country: 'FR',
    now,
    clock: () => performance.now(),
  })
}

describe('the status of a message at Green-API', () => {
  it('is asked for with one call, and has our clock, since the journal has none for it', async () => {
    const { status, requests } = await asked({ getMessage: { ...outgoing, statusMessage: 'noAccount' } })
    expect(await status()).toMatchObject([
      {
        eventId: `1101000001:${chatId}:A:noAccount`,
        type: 'failed',
        code: 'noAccount',
        occurredAt: now(),
      },
    ])
    expect(requests).toMatchObject([{ method: 'POST', path: `/waInstance1101000001/getMessage/${token}` }])
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ chatId, idMessage: 'A' })
  })

  it.each(['pending', null])('says nothing while it is %s', async (statusMessage) => {
    expect(await (await asked({ getMessage: { ...outgoing, statusMessage } })).status()).toEqual([])
  })

  it.each(['chatId not found', 'ID message notfound'])('says nothing where %s', async (said) => {
    const reply = { status: 400, body: { statusCode: 400, message: said } }
    expect(await (await asked({}, reply)).status()).toEqual([])
  })

  it.each<[string, Reply]>([
    ['401', { status: 401 }],
    ['400', { status: 400, body: { message: `bad request of ${token} for 33612345678@c.us` } }],
    ['429', { status: 429 }],
    ['502', { status: 502, body: '<html>' }],
    ['ECONNRESET', 'reset'],
    ['none', { status: 200, body: '<html>' }],
    ['none', { status: 200 }],
    ['none', { status: 200, body: { idMessage: 7 } }],
  ])('cannot be asked now: %s', async (code, reply) => {
    const { status, find, inboundSince } = await asked({}, reply)
    const error = { certainty: 'retryable', providerCode: code === 'none' ? undefined : code }
    expect(await failure(status(), secrets)).toMatchObject(error)
    expect(await failure(find(), secrets)).toMatchObject(error)
    expect(await failure(inboundSince(attemptedAt), secrets)).toMatchObject(error)
  })

  it('cannot be asked where nobody listens', async () => {
    const provider = await providerAt(await nobodyListens())
    const error = await failure(provider?.status?.(accepted), secrets)
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: 'ECONNREFUSED' })
  })
})

describe('the search for a message at Green-API', () => {
  it('asks the journal for the time since and the queue, once each', async () => {
    const { find, requests } = await asked({ lastOutgoingMessages: [outgoing] })
    expect(await find()).toMatchObject([
      { type: 'queued', messageId: message.id, occurredAt: new Date('2026-11-22T11:50:03Z') },
      { type: 'sent', messageId: message.id },
    ])
    expect(requests.map(({ path }) => path)).toEqual([
      `/waInstance1101000001/lastOutgoingMessages/${token}?minutes=13`,
      `/waInstance1101000001/showMessagesQueue/${token}`,
    ])
  })

  it('finds what waits in the queue, counted once where the journal has it too', async () => {
    const queued = [{ eventId: `1101000001:${chatId}:A:queued`, type: 'queued', messageId: message.id }]
    const waits = await asked({ showMessagesQueue: [waiting] })
    expect(await waits.find()).toMatchObject(queued)
    const pending = { ...outgoing, statusMessage: 'pending' }
    const both = await asked({ showMessagesQueue: [waiting], lastOutgoingMessages: [pending] })
    expect(await both.find()).toMatchObject(queued)
  })

  it('finds it beside what cannot be read, and nothing where nothing can be', async () => {
    const odd = [null, 7, { idMessage: 7 }]
    const listed = await asked({
      lastOutgoingMessages: [...odd, outgoing],
      showMessagesQueue: [...odd, waiting],
    })
    expect(await listed.find()).toMatchObject([{ type: 'queued' }, { type: 'sent' }])
    const unreadable = { certainty: 'retryable', message: expect.stringContaining('cannot be read') }
    for (const replies of [{ lastOutgoingMessages: odd }, { showMessagesQueue: odd }])
      expect(await failure((await asked(replies)).find(), secrets)).toMatchObject(unreadable)
  })

  it.each<[string, Record<string, unknown>]>([
    [
      'the queue has another such',
      { lastOutgoingMessages: [outgoing], showMessagesQueue: [{ ...waiting, messageID: 'B' }] },
    ],
    ['the journal has two', { lastOutgoingMessages: [outgoing, { ...outgoing, idMessage: 'B' }] }],
    ['it was typed on the phone', { lastOutgoingMessages: [{ ...outgoing, sendByApi: false }] }],
    ['it went to another chat', { lastOutgoingMessages: [{ ...outgoing, chatId: '33612345679@c.us' }] }],
    ['it is older', { lastOutgoingMessages: [{ ...outgoing, timestamp: seconds('2026-11-22T11:48:59Z') }] }],
    ['it has no clock', { lastOutgoingMessages: [{ ...outgoing, timestamp: 'now' }] }],
  ])('finds none where %s', async (_what, replies) => {
    expect(await (await asked(replies)).find()).toEqual([])
  })
})
