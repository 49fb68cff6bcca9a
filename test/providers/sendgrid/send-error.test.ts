import { createServer } from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'
import { accepted, apiKey, failure, message, now, send, thrown } from './sending.ts'

describe('sendgrid: an email that is not accepted', () => {
  it.each([400, 404, 405, 413])('is refused for good by %i', async (status) => {
    const error = await failure({ status, body: { errors: [{ message: 'no', field: 'from', help: null }] } })
    expect(error).toMatchObject({ certainty: 'permanent', providerCode: String(status), bounced: false })
    expect(error.message).toBe('sendgrid: no (from)')
  })

  it('may be tried again after the reset that a 429 names', async () => {
    const reset = String(now.getTime() / 1_000 + 30)
    const error = await failure({ status: 429, headers: { 'x-ratelimit-reset': reset } })
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: '429', retryAfterMs: 30_000 })
  })

  it('waits for a person where our key is refused', async () => {
    expect(await failure({ status: 401 })).toMatchObject({
      certainty: 'retryable',
      retryAfterMs: 900_000,
      stopsProvider: true,
    })
  })

  it.each([500, 502, 503, 504])('may have been accepted where the answer was %i', async (status) => {
    expect(await failure({ status, body: '<html>' })).toMatchObject({
      certainty: 'unknown',
      providerCode: `${status}`,
    })
  })

  it('may have been accepted where no answer came in time', async () => {
    expect(await failure('hang', 50)).toMatchObject({ certainty: 'unknown' })
  })

  it('may have been accepted where the answer never came to an end', async () => {
    expect(await failure('endless', 50)).toMatchObject({ certainty: 'unknown', providerCode: 'timeout' })
  })

  it('ends the connection of an answer that never came to an end', async () => {
    const closed = Promise.withResolvers<void>()
    const server = createServer((_request, response) => {
      const more = setInterval(() => response.write(' '), 5)
      response.once('close', () => {
        clearInterval(more)
        closed.resolve()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await thrown(send(`http://127.0.0.1:${port}`, message, 50))
    await expect(closed.promise).resolves.toBeUndefined()
  })

  it('may have been accepted where the connection was reset after the request', async () => {
    expect(await failure('reset')).toMatchObject({ certainty: 'unknown', providerCode: 'ECONNRESET' })
  })

  it('was surely not accepted where nobody listens', async () => {
    const error = await thrown(send(await nobodyListens()))
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: 'ECONNREFUSED' })
  })

  it('does not follow a redirect with the key in hand', async () => {
    const elsewhere = await localApi(() => accepted)
    const error = await failure({ status: 307, headers: { location: `${elsewhere.url}/v3/mail/send` } })
    expect(error).toMatchObject({ certainty: 'unknown', providerCode: '307' })
    expect(elsewhere.requests).toHaveLength(0)
  })

  it('is classified in a working directory that is not a regular expression', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue('/srv/c++/app')
    expect(await failure({ status: 400 })).toMatchObject({ certainty: 'permanent', providerCode: '400' })
    vi.restoreAllMocks()
  })

  it('is not even tried from a sender that is not an address', async () => {
    const api = await localApi(() => accepted)
    const error = await thrown(send(api.url, { ...message, from: 'nobody' }))
    expect(error).toMatchObject({ certainty: 'permanent' })
    expect(api.requests).toHaveLength(0)
  })

  const leaky = { errors: [{ message: `"${message.to}" and <max@comms.example> are wrong`, field: 'to' }] }
  it.each<Reply>([{ status: 400, body: leaky }, { status: 503, body: leaky }, 'reset', 'hang'])(
    'tells neither key nor address nor body (%#)',
    async (reply) => {
      const error = await failure(reply, 50)
      const told = [
        error.message,
        String(error.stack),
        JSON.stringify(error),
        inspect(error, { depth: 9 }),
      ].join()
      for (const secret of [apiKey, 'customer.example', 'comms.example', 'secret', 'Rendez-vous'])
        expect(told).not.toContain(secret)
    },
  )

  it('keeps the explanation without the addresses', async () => {
    const error = await failure({ status: 400, body: leaky })
    expect(error.message).toBe('sendgrid: "<address>" and <address> are wrong (to)')
  })
})
