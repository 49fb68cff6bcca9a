import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sendgridWebhook } from '#providers/sendgrid/webhook.ts'
import { NotProven } from '#src/model/errors.ts'
import { eventsOf, oneByteChanged, oneCharacterChanged } from '#support/webhook-conformance.ts'
import { signatureHeader, timestampHeader, webhookRequest, withHeader } from './signing.ts'

const vectors = z
  .object({
    public_key_spki_der_base64: z.string(),
    vectors: z.array(z.object({ timestamp: z.string(), signature: z.string(), body_base64: z.string() })),
  })
  .parse(JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')))

describe('sendgrid: the recorded vectors', () => {
  const webhook = sendgridWebhook(vectors.public_key_spki_der_base64)
  const requests = vectors.vectors.map(({ timestamp, signature, body_base64 }) =>
    webhookRequest(Buffer.from(body_base64, 'base64'), signature, timestamp),
  )

  it.each(requests)('vector %# verifies at its own time and gives its events', (request) => {
    expect(eventsOf(webhook, request).length).toBeGreaterThan(0)
  })

  it.each(requests)('vector %# with any one byte changed is refused', (request) => {
    const forged = [
      ...oneByteChanged(request.body).map((body) => ({ ...request, body })),
      ...[signatureHeader, timestampHeader].flatMap((name) =>
        oneCharacterChanged(request.headers[name] ?? '').map((value) => withHeader(request, name, value)),
      ),
    ]
    for (const changed of forged) expect(() => webhook.verify(changed)).toThrow(NotProven)
  })

  it('a body that was parsed and printed again is refused, as it must be', () => {
    const [, , pretty] = requests
    if (!pretty) throw new Error('the third vector is missing')
    const body = Buffer.from(JSON.stringify(JSON.parse(pretty.body.toString())))
    expect(() => webhook.verify({ ...pretty, body })).toThrow(NotProven)
  })

  it('all events of the second vector are read, the one without a message id and with an accent too', () => {
    const [, second] = requests
    if (!second) throw new Error('the second vector is missing')
    expect(eventsOf(webhook, second)).toMatchObject([
      {
        type: 'bounced',
        bounceClass: 'blocked',
        recipient: 'zoé@example.com',
        reason: '554 5.7.1 réputation trop basse',
      },
      { type: 'opened', machine: true, providerMessageId: '14c5d75ce93' },
    ])
  })
})
