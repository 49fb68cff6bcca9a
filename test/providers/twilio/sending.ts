import { inspect } from 'node:util'
import { expect } from 'vitest'
import { type SendSettings, twilioSend } from '#providers/twilio/send.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingMessage } from '#src/model/message.ts'

export const accountSid = 'AC00000000000000000000000000000001'
export const authToken = 'secret-token-of-the-account'
export const message = {
  id: '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10',
  tenantId: 't1',
  to: '+33612345678',
  createdAt: new Date('2026-11-22T10:15:00Z'),
  channel: 'whatsapp',
  body: 'Bonjour Marie, à demain 👍',
} as const satisfies OutgoingMessage

/** One send through the real code to this API. */
export async function sent(
  api: { url: string },
  sending: Partial<SendSettings> = {},
  outgoing: OutgoingMessage = message,
) {
  const from = { whatsapp: '+14155238886', sms: '+33757000000' }
  const send = await twilioSend({
    accountSid,
    authToken,
    apiUrl: api.url,
    from,
    baseUrl: 'https://comms.example.test',
    ...sending,
  })
  return send(outgoing)
}

/** The error, after a look that nothing of the request is in it. */
export async function thrownBy(sending: Promise<unknown>): Promise<ProviderError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProviderError)) throw new Error('no ProviderError was thrown')
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.message
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  for (const secret of [authToken, credentials, '33612345678', message.body, 'Marie'])
    expect(shown).not.toContain(secret)
  expect(error.cause).toBeUndefined()
  return error
}
