import { expect, it } from 'vitest'
import { postmuleSend } from '#providers/postmule/send.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import { localApi, type Reply } from '#support/local-api.ts'

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

it.each<[string, Reply, number]>([
  ['a wrong key, until a person has looked', { status: 401 }, 900_000],
  ['too many, as long as they say', { status: 429, headers: { 'retry-after': '2' } }, 2_000],
])('postmule: waits after %s', async (_what, reply, retryAfterMs) => {
  const api = await localApi(() => reply)
  await expect(send(api.url)).rejects.toMatchObject({ retryAfterMs })
})
