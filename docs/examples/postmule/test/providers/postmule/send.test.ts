import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { postmuleSend } from '#providers/postmule/send.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'

const apiKey = 'the-key-of-this-test'
const now = new Date('2026-11-22T10:00:00Z')
const message: OutgoingEmail = {
  id: '4f5b1a52-6f0c-4b0e-9a53-5c1f3f7f3a10',
  tenantId: 't1',
  channel: 'email',
  to: 'anna@customer.example',
  subject: 'Rendez-vous',
  text: 'Très confidentiel',
  createdAt: now,
  tracking: { opens: false, clicks: false },
}
const secrets = [apiKey, message.to, message.subject, 'Très confidentiel']
const quoting = { error: `no: ${secrets.join(', ')}` }

function send(apiUrl: string) {
  return postmuleSend({ apiKey, apiUrl, from: 'max@comms.example', now: () => now })(message)
}

it('postmule: an email is one request, with our id', async () => {
  const api = await localApi(() => ({ status: 200, body: { id: 'pm_1' } }))
  expect(await send(api.url)).toMatchObject({ providerMessageId: 'pm_1', type: 'sent' })
  expect(api.requests).toMatchObject([{ method: 'POST', path: '/v1/messages' }])
  expect(api.requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}`)
  expect(JSON.parse(api.requests[0]?.body ?? '')).toEqual({
    from: 'max@comms.example',
    to: message.to,
    subject: message.subject,
    text: message.text,
    reference: message.id,
  })
})

it.each<[string, Reply, object]>([
  ['a refusal', { status: 422, body: quoting }, { certainty: 'permanent', providerCode: '422' }],
  ['a wrong key', { status: 401, body: quoting }, { certainty: 'retryable', retryAfterMs: 300_000 }],
  [
    'too many',
    { status: 429, headers: { 'retry-after': '2' } },
    { certainty: 'retryable', retryAfterMs: 2_000 },
  ],
  ['a failure of theirs', { status: 503, body: quoting }, { certainty: 'unknown' }],
  ['a yes without an id', { status: 200, body: '<html>' }, { certainty: 'unknown' }],
  ['a connection without an answer', 'reset', { certainty: 'unknown' }],
])('postmule: %s proves no more than it does, and tells no secret', async (_what, reply, proven) => {
  const api = await localApi(() => reply)
  const error = await send(api.url).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ProviderError)
  expect(error).toMatchObject(proven)
  for (const secret of secrets) expect(inspect(error, { depth: 9 })).not.toContain(secret)
})

it('postmule: where nobody listens, they surely do not have it', async () => {
  await expect(send(await nobodyListens())).rejects.toMatchObject({ certainty: 'retryable' })
})

it('postmule: a redirect is not followed with the key in hand', async () => {
  const elsewhere = await localApi(() => ({ status: 200, body: { id: 'pm_1' } }))
  const api = await localApi(() => ({ status: 307, headers: { location: elsewhere.url } }))
  await expect(send(api.url)).rejects.toMatchObject({ certainty: 'permanent' })
  expect(elsewhere.requests).toEqual([])
})
