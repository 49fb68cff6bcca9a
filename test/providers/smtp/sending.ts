import { inspect } from 'node:util'
import { onTestFinished } from 'vitest'
import { type MailerOptions, type SmtpMailer, smtpMailer } from '#providers/smtp/mailer.ts'
import { smtpSend } from '#providers/smtp/send.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import { type Script, scriptedServer } from './scripted-server.ts'

export const now = () => new Date('2026-11-29T08:30:00Z')

export const message: OutgoingEmail = {
  id: '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e',
  tenantId: 't1',
  channel: 'email',
  to: 'zoe@customer.example',
  subject: 'Rendez-vous',
  html: '<p>Très secret</p>',
  createdAt: new Date('2026-11-22T10:00:00Z'),
  tracking: { opens: false, clicks: false },
}

/** A mailer to a port of this machine, closed after the test. */
export function mailerOf(port: number, options: Partial<MailerOptions> = {}): SmtpMailer {
  const mailer = smtpMailer({ host: '127.0.0.1', port, secure: false, credentials: undefined, ...options })
  onTestFinished(() => mailer.close())
  return mailer
}

/** One email through a mailer of its own. */
export function send(
  port: number,
  sent: OutgoingEmail = message,
  options: Partial<MailerOptions> = {},
): Promise<Receipt> {
  return smtpSend({ mailer: mailerOf(port, options), from: 'Max <max@comms.example>', now })(sent)
}

/** What a send through a server of this script ends in. */
export async function failure(script: Script, options?: Partial<MailerOptions>): Promise<ProviderError> {
  const server = await scriptedServer(script)
  return thrown(send(server.port, message, options))
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
