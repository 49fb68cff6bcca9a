import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import type { Instance } from '#providers/greenapi/instance.ts'
import { greenapiSend } from '#providers/greenapi/send.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { type Api, greenapiApi } from './api.ts'

const token = 'd75b3a66374942c5b3c019c698abc2067e151558acbd412345'
const message = {
  id: '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10',
  tenantId: 't1',
  to: '+33612345678',
  createdAt: new Date('2026-11-22T10:15:00Z'),
  channel: 'whatsapp',
  body: 'Bonjour Marie, à demain 👍',
} as const satisfies OutgoingMessage

const open: Api[] = []
afterEach(async () => {
  for (const api of open.splice(0)) await api.close()
})

type Answer = (response: ServerResponse) => void

async function api(answer: Answer): Promise<Api> {
  const started = await greenapiApi(answer)
  open.push(started)
  return started
}

const accepted: Answer = (response) => response.writeHead(200).end('{"idMessage":"3EB0C767D097B7C7C030"}')
const answered =
  (status: number, body: string, headers = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body)

function sent(api: { url: string }, outgoing: OutgoingMessage = message, sending: Partial<Instance> = {}) {
  const now = () => new Date('2026-11-22T10:15:00Z')
  return greenapiSend({ instanceId: '1101000001', token, apiUrl: api.url, now, ...sending })(outgoing)
}

async function failed(answer: Answer, sending: Partial<Instance> = {}): Promise<ProviderError> {
  return thrownBy(sent(await api(answer), message, sending))
}

/** The error, after a look that nothing of the request is in it. */
async function thrownBy(sending: Promise<unknown>): Promise<ProviderError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProviderError)) throw new Error('no ProviderError was thrown')
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.message
  for (const secret of [token, '33612345678', message.body, 'Marie']) expect(shown).not.toContain(secret)
  expect(error.cause).toBeUndefined()
  return error
}

describe('a message', () => {
  it('is posted to the instance, the token in the path', async () => {
    const green = await api(accepted)
    await sent(green)
    expect(green.posts).toEqual([
      {
        method: 'POST',
        path: `/waInstance1101000001/sendMessage/${token}`,
        type: 'application/json',
        json: { chatId: '33612345678@c.us', message: message.body },
      },
    ])
  })

  it('is queued there, under an id that no status takes', async () => {
    expect(await sent(await api(accepted))).toEqual({
      providerMessageId: '3EB0C767D097B7C7C030',
      eventId: '1101000001:33612345678@c.us:3EB0C767D097B7C7C030:queued',
      type: 'queued',
      providerType: 'queued',
      raw: { idMessage: '3EB0C767D097B7C7C030' },
    })
  })

  it('that cannot be sent is refused without a request', async () => {
    const green = await api(accepted)
    expect(await thrownBy(sent(green, { ...message, body: 'x'.repeat(20_001) }))).toMatchObject({
      certainty: 'permanent',
      providerCode: 'text_too_long',
    })
    expect(await thrownBy(sent(green, { ...message, channel: 'sms' }))).toMatchObject({
      certainty: 'permanent',
    })
    expect(green.posts).toEqual([])
    await sent(green, { ...message, body: 'x'.repeat(20_000) })
    expect(green.posts).toHaveLength(1)
  })
})

describe('a failed send', () => {
  it.each([
    [400, '{"message":"instance in starting process try later"}', 'retryable', '400', 60_000],
    [400, 'instance in starting process try later', 'retryable', '400', 60_000],
    [400, '{"message":"instance account not authorized"}', 'retryable', 'not_authorized', 900_000],
    [400, 'instance is starting or not authorized', 'retryable', 'not_authorized', 900_000],
    [400, '{"reason":"Instance account is expired"}', 'retryable', '400', 900_000],
    [400, '', 'permanent', '400', undefined],
    [401, '', 'retryable', '401', 900_000],
    [403, '<html>', 'retryable', '403', undefined],
    [403, '', 'retryable', '403', 900_000],
    [404, `Cannot POST /waInstance1101000001/sendMessage/${token}`, 'retryable', '404', 900_000],
    [418, '', 'permanent', '418', undefined],
    [429, '', 'retryable', '429', undefined],
    [466, '{"correspondentsStatus":{"description":"only 33612345678@c.us"}}', 'retryable', '466', 3_600_000],
    [499, '', 'unknown', '499', undefined],
    [500, '', 'unknown', '500', undefined],
    [500, 'request entity too large', 'unknown', '500', undefined],
    [502, '<html>', 'unknown', '502', undefined],
    [307, '', 'unknown', '307', undefined],
  ])('with %i %j is %s', async (status, body, certainty, providerCode, retryAfterMs) => {
    const error = await failed(answered(status, body))
    expect(error).toMatchObject({ provider: 'greenapi', certainty, providerCode, retryAfterMs })
    expect(error.message).toMatch(/^greenapi: ./)
  })

  it('with 429 waits as long as it is told', async () => {
    expect((await failed(answered(429, '', { 'retry-after': '7' }))).retryAfterMs).toBe(7_000)
  })

  it("tells Green-API's own words without number, text and token", async () => {
    const error = await failed(
      answered(400, `Validation failed: 33612345678@c.us, "${message.body}", ${token}`),
    )
    expect(error.message).toBe('greenapi: Validation failed: <address>, "<hidden>", <hidden>')
  })

  it.each(['', '<html>', '{}', '{"idMessage":7}', 'null', '{"idMessage":""}'])(
    'whose acceptance is %j is unknown',
    async (body) => {
      expect(await failed(answered(200, body))).toMatchObject({ certainty: 'unknown' })
    },
  )

  it('is unknown where the connection is reset after the request', async () => {
    expect(await failed((response) => response.destroy())).toMatchObject({ certainty: 'unknown' })
  })

  it('is unknown where no answer comes in time', async () => {
    expect(await failed(() => {}, { timeoutMs: 50 })).toMatchObject({ certainty: 'unknown' })
  })

  it('is retryable where nobody listens', async () => {
    const green = await greenapiApi(accepted)
    await green.close()
    expect(await thrownBy(sent(green))).toMatchObject({
      certainty: 'retryable',
      providerCode: 'ECONNREFUSED',
    })
  })
})
