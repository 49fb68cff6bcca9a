import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { resendWebhook } from '#providers/resend/webhook.ts'
import { NotProven } from '#src/model/errors.ts'
import { eventsOf, oneByteChanged, oneCharacterChanged } from '#support/webhook-conformance.ts'
import { signed, withHeader } from './signing.ts'

const vectors = z
  .object({
    secret: z.string(),
    vectors: z.array(
      z.object({
        'svix-id': z.string(),
        'svix-timestamp': z.string(),
        'svix-signature': z.string(),
        body_base64: z.string(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')))

describe('resend: the recorded vectors', () => {
  const webhook = resendWebhook(vectors.secret)
  const requests = vectors.vectors.map(({ body_base64, ...headers }) => ({
    ...signed(Buffer.from(body_base64, 'base64')),
    headers,
  }))

  it.each(requests)('vector %# verifies at its own time', (request) => {
    expect(eventsOf(webhook, request)).toHaveLength(1)
  })

  it.each(requests)('vector %# with any one byte of body, id or timestamp changed is refused', (request) => {
    const forged = [
      ...oneByteChanged(request.body).map((body) => ({ ...request, body })),
      ...(['svix-id', 'svix-timestamp'] as const).flatMap((name) =>
        oneCharacterChanged(request.headers[name]).map((value) => withHeader(request, name, value)),
      ),
    ]
    for (const changed of forged) expect(() => webhook.verify(changed)).toThrow(NotProven)
  })

  it.each(requests)('vector %# with any one byte of its valid signature changed is refused', (request) => {
    const valid = request.headers['svix-signature'].split(' ').at(-1) ?? ''
    for (const changed of oneCharacterChanged(valid))
      expect(() => webhook.verify(withHeader(request, 'svix-signature', changed))).toThrow(NotProven)
  })
})
