import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SendSettings } from '#providers/twilio/send.ts'
import type { ProviderError } from '#src/model/errors.ts'
import { type Api, created, json, twilioApi, twilioError } from './api.ts'
import { authToken, message, sent, thrownBy } from './sending.ts'

const open: Api[] = []
afterEach(async () => {
  for (const api of open.splice(0)) await api.close()
})

async function api(answer: (response: ServerResponse) => void): Promise<Api> {
  const started = await twilioApi(answer)
  open.push(started)
  return started
}

async function failed(
  answer: (response: ServerResponse) => void,
  sending: Partial<SendSettings> = {},
): Promise<ProviderError> {
  return thrownBy(sent(await api(answer), sending))
}

describe('a failed send', () => {
  it.each([
    [400, 21211, 'permanent'],
    [400, 21610, 'permanent'],
    [400, 21617, 'permanent'],
    [403, 20003, 'retryable'],
    [401, 20003, 'retryable'],
    [404, 20404, 'retryable'],
    [400, 20999, 'permanent'],
    [429, 20429, 'retryable'],
    [429, 21611, 'retryable'],
    [400, 21611, 'retryable'],
    [429, 29999, 'retryable'],
    [500, 20500, 'unknown'],
    [503, 20429, 'unknown'],
    [503, 21211, 'unknown'],
  ])('with HTTP %i and code %i is %s', async (status, code, certainty) => {
    const error = await failed(
      twilioError(status, code, `The 'To' number +33612345678 (${message.body}) ${authToken}`),
    )
    expect(error).toMatchObject({ provider: 'twilio', certainty, providerCode: String(code) })
    expect(error.message).toMatch(new RegExp(`^twilio: ${code}: `))
  })

  it('says what the code means, or what Twilio says without numbers', async () => {
    expect((await failed(twilioError(400, 21610, 'x'))).message).toBe(
      'twilio: 21610: the recipient has opted out (STOP)',
    )
    expect((await failed(twilioError(400, 20999, 'Not to +33 6 12 34 56 78.'))).message).toBe(
      'twilio: 20999: Not to <number>.',
    )
  })

  it.each([
    [502, 'unknown'],
    [307, 'unknown'],
    [401, 'retryable'],
    [429, 'retryable'],
  ])('with HTTP %i and no JSON is %s', async (status, certainty) => {
    const error = await failed((response) =>
      response.writeHead(status, { location: '/elsewhere' }).end('<html>'),
    )
    expect(error).toMatchObject({
      certainty,
      providerCode: String(status),
      message: `twilio: answered HTTP ${status}`,
    })
  })

  it('with an RFC 9457 body is read as well', async () => {
    const body = {
      type: 'https://x',
      title: 'Unauthorized',
      status: 401,
      code: 20003,
      detail: '+33612345678',
    }
    expect(await failed(json(401, body))).toMatchObject({ certainty: 'retryable', providerCode: '20003' })
  })

  it('that Twilio answers with 201 and failed is permanent', async () => {
    const error = await failed(created({ status: 'failed', error_code: 63016 }))
    expect(error).toMatchObject({ certainty: 'permanent', providerCode: '63016' })
  })

  it.each([
    ['an HTML page', (response: ServerResponse) => response.writeHead(200).end('<html>')],
    ['nothing', (response: ServerResponse) => response.writeHead(201).end()],
    ['JSON without a sid', json(201, { status: 'queued' })],
    ['null', json(201, null)],
  ])('whose acceptance is %s is unknown', async (_what, answer) => {
    expect(await failed(answer)).toMatchObject({ certainty: 'unknown' })
  })

  it('is unknown where the connection is reset after the request', async () => {
    expect(await failed((response) => response.destroy())).toMatchObject({
      certainty: 'unknown',
      providerCode: 'ECONNRESET',
    })
  })

  it('is unknown where no answer comes in time, and its connection ends', async () => {
    let closed = 0
    const endless = (response: ServerResponse) => {
      response.writeHead(201)
      const more = setInterval(() => response.write(' '), 5)
      response.once('close', () => {
        clearInterval(more)
        closed += 1
      })
    }
    expect(await failed(endless, { timeoutMs: 50 })).toMatchObject({
      certainty: 'unknown',
      providerCode: 'timeout',
    })
    await vi.waitFor(() => expect(closed).toBe(1))
    expect(await failed(() => {}, { timeoutMs: 50 })).toMatchObject({
      certainty: 'unknown',
      providerCode: 'ECONNABORTED',
    })
  })

  it('is retryable where nobody listens', async () => {
    const twilio = await twilioApi(created())
    await twilio.close()
    expect(await thrownBy(sent(twilio))).toMatchObject({
      certainty: 'retryable',
      providerCode: 'ECONNREFUSED',
    })
  })

  it('is tried once only', async () => {
    const twilio = await api(twilioError(429, 20429, 'Too many requests'))
    await thrownBy(sent(twilio))
    expect(twilio.posts).toHaveLength(1)
  })
})
