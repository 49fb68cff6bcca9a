import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { Validate } from '#providers/twilio/signature.ts'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { fixtureItem, oneByteChanged, oneCharacterChanged } from '#support/webhook-conformance.ts'
import { accepts, parameters, urlencoded } from './signed.ts'

const vectors = z
  .array(
    z.object({
      name: z.string(),
      token: z.string(),
      method: z.string(),
      url: z.string(),
      parameters: parameters.optional(),
      json: z.string().optional(),
      signature: z.string(),
    }),
  )
  .parse(fixtureItem('twilio', 'fixtures/vectors.json'))

function requestOf(vector: (typeof vectors)[number]): WebhookRequest {
  const body =
    vector.method === 'GET'
      ? Buffer.alloc(0)
      : vector.json
        ? Buffer.from(vector.json)
        : urlencoded(vector.parameters ?? {})
  const type = vector.json ? 'application/json' : 'application/x-www-form-urlencoded'
  return {
    method: vector.method,
    urls: [vector.url],
    headers: {
      'x-twilio-signature': vector.signature,
      ...(vector.method === 'GET' ? {} : { 'content-type': type }),
    },
    body,
    receivedAt: new Date(),
  }
}

describe.each(vectors)('the vector of $name', (vector) => {
  const request = requestOf(vector)

  it('verifies, without the SDK', () => {
    const validate = vi.fn<Validate>()
    expect(accepts(request, [vector.token], validate)).toBe(true)
    expect(validate).not.toHaveBeenCalled()
  })

  it('is refused with any character of its signature changed', () => {
    for (const changed of oneCharacterChanged(vector.signature))
      expect(
        accepts({ ...request, headers: { ...request.headers, 'x-twilio-signature': changed } }, [
          vector.token,
        ]),
        changed,
      ).toBe(false)
  })

  it('is refused with any character of its path or query changed', () => {
    const start = vector.url.indexOf('/', 8)
    for (const rest of oneCharacterChanged(vector.url.slice(start)))
      expect(accepts({ ...request, urls: [vector.url.slice(0, start) + rest] }, [vector.token]), rest).toBe(
        false,
      )
  })

  it.runIf(request.body.length > 0)('is refused with any byte of its body changed', () => {
    for (const body of oneByteChanged(request.body))
      expect(accepts({ ...request, body }, [vector.token]), body.toString()).toBe(false)
  })

  it.runIf(vector.parameters && vector.method === 'POST')(
    'is refused with a parameter more, less or other',
    () => {
      const names = Object.keys(vector.parameters ?? {})
      const without = (name: string) =>
        Object.fromEntries(Object.entries(vector.parameters ?? {}).filter(([key]) => key !== name))
      for (const forged of [
        { ...vector.parameters, Extra: '1' },
        { ...vector.parameters, Extra: '' },
        ...names.map(without),
        ...names.map((name) => ({ ...vector.parameters, [name]: 'other' })),
      ])
        expect(accepts({ ...request, body: urlencoded(forged) }, [vector.token])).toBe(false)
    },
  )

  it('is refused under another token', () => {
    expect(accepts(request, ['another'])).toBe(false)
  })
})
