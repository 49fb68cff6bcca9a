import { createPublicKey, createVerify } from 'node:crypto'
import { createRequire } from 'node:module'
import type { SandboxOptions } from '#sandbox/start.ts'
import { type Arrived, world } from '#support/receiver.ts'

// Required, not imported: the SDK's types do not fit ES modules, and what we lend it elsewhere is narrower than this.
const load = createRequire(import.meta.url)
const { Client } = load('@sendgrid/client')
const { MailService } = load('@sendgrid/mail')

/** A SendGrid customer: the official client, and a naive one for what the client would not send. */
export async function setUp(options: SandboxOptions = {}) {
  const { sandbox, receiver, setting } = await world(options)
  const client = new Client()
  client.setApiKey(setting('SENDGRID_API_KEY'))
  client.setDefaultRequest('baseUrl', `${setting('SENDGRID_API_URL')}/`)
  const mail = new MailService()
  mail.setClient(client)
  const post = (body: unknown, key = setting('SENDGRID_API_KEY')) =>
    fetch(`${sandbox.url}/sendgrid/v3/mail/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { sandbox, receiver, setting, mail, post }
}

/** A mail as the official client takes it. */
export function message(to: string) {
  return {
    to,
    from: 'max@example.com',
    subject: 'Sujet',
    text: 'Bonjour',
    html: '<a href="https://x.example/a">é</a>',
  }
}

/** A mail as the API takes it. */
export const plain = {
  personalizations: [{ to: [{ email: 'test@example.com' }], custom_args: { app_msg: '1' } }],
  from: { email: 'max@example.com' },
  subject: 'Sujet',
  content: [{ type: 'text/plain', value: 'Bonjour' }],
}

/** Every event of these webhooks. */
export function events(arrived: Arrived[]): Record<string, unknown>[] {
  return arrived.flatMap(({ body }) => JSON.parse(body))
}

/** Is it signed with the key that belongs to this public one? */
export function verifies({ headers, body }: Arrived, publicKey: string): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  const timestamp = headers['x-twilio-email-event-webhook-timestamp'] ?? ''
  const signature = headers['x-twilio-email-event-webhook-signature'] ?? ''
  return createVerify('sha256').update(timestamp).update(body).verify(key, signature, 'base64')
}
