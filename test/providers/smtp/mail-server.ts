import { readFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'
import type { WhenOver } from '#support/local-api.ts'

/** A throw-away certificate for localhost: openssl req -x509 -newkey ec -subjectAltName=DNS:localhost,IP:127.0.0.1 */
export const certificate = readFileSync(new URL('localhost.pem', import.meta.url))
export const credentials = { user: 'max@comms.example', password: 'the-password' }

export interface Mail {
  user: string | undefined
  from: string | undefined
  to: string[]
  content: string
}

/** A true mail server with STARTTLS and one account, or less where a test disables it. */
export async function mailServer(
  options: SMTPServerOptions = {},
  whenOver: WhenOver = onTestFinished,
  host = '127.0.0.1',
): Promise<{ port: number; mails: Mail[]; listener: Server }> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    key: certificate,
    cert: certificate,
    authOptional: options.disabledCommands !== undefined,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === credentials.user && password === credentials.password
        ? done(null, { user: username })
        : done(new Error('Invalid username or password')),
    onData: async (stream, { user, envelope }, done) => {
      const from = envelope.mailFrom === false ? undefined : envelope.mailFrom?.address
      const to = envelope.rcptTo.map(({ address }) => address)
      mails.push({ user: typeof user === 'string' ? user : undefined, from, to, content: await text(stream) })
      done()
    },
    ...options,
  })
  const listener = server.listen(0, host)
  await new Promise((resolve) => listener.once('listening', resolve))
  whenOver(() => void server.close())
  const address = listener.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, mails, listener }
}
