import { expect, it } from 'vitest'
import { telegramSend } from '#providers/telegram/send.ts'
import { localApi, type Reply } from '#support/local-api.ts'

const message = {
  id: '4f5b1a52-6f0c-4b0e-9a53-5c1f3f7f3a10',
  tenantId: 't1',
  channel: 'telegram' as const,
  to: '123456789',
  body: 'Bonjour',
  createdAt: new Date('2026-11-22T10:00:00Z'),
}
const tooMany = { ok: false, description: 'Too Many Requests', parameters: { retry_after: 2 } }

it.each<[string, Reply, number]>([
  ['a wrong token, until a person has looked', { status: 401 }, 900_000],
  ['too many, as long as they say', { status: 429, body: tooMany }, 2_000],
])('telegram: waits after %s', async (_what, reply, retryAfterMs) => {
  const api = await localApi(() => reply)
  const send = telegramSend({ token: '1:secret', apiUrl: api.url })
  await expect(send(message)).rejects.toMatchObject({ retryAfterMs })
})
