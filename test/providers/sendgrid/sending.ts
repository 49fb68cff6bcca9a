import { inspect } from 'node:util'
import { sendgridSend } from '#providers/sendgrid/send.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import { localApi, type Reply } from '#support/local-api.ts'

export const apiKey = 'SG.the-secret-key'
export const now = new Date('2026-11-22T10:00:00Z')
export const accepted: Reply = { status: 202, headers: { 'x-message-id': 'qNwBLgPQQjW6DJvKQwSAbw' } }

export const message: OutgoingEmail = {
  id: '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e',
  tenantId: 't1',
  channel: 'email',
  to: 'zoe@customer.example',
  subject: 'Rendez-vous',
  html: '<p>Très secret</p>',
  createdAt: now,
  tracking: { opens: false, clicks: false },
}

/** One email to this API. */
export function send(apiUrl: string, sent: OutgoingEmail = message, timeoutMs = 2_000): Promise<Receipt> {
  return sendgridSend({ apiKey, apiUrl, from: 'Max <max@comms.example>', now: () => now, timeoutMs })(sent)
}

/** What a send that is answered like this ends in. */
export async function failure(reply: Reply, timeoutMs?: number): Promise<ProviderError> {
  const api = await localApi(() => reply)
  return thrown(send(api.url, message, timeoutMs))
}

/** The error of a send that must fail. */
export async function thrown(sending: Promise<Receipt>): Promise<ProviderError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ProviderError) return error
  throw new Error(`no ProviderError but ${inspect(error)}`)
}
