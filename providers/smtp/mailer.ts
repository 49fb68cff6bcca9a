import type { ConnectionOptions } from 'node:tls'
import nodemailer, { type SendMailOptions, type SMTPPoolSentMessageInfo } from 'nodemailer'
import type { TlsPolicy } from './tls.ts'

export interface MailerOptions {
  host: string
  port: number
  /** TLS from the start; otherwise STARTTLS. */
  secure: boolean
  credentials: { user: string; password: string } | undefined
  /** Of a connection without TLS from the start; undefined: `require` for a login, else `if-offered`. */
  policy?: TlsPolicy
  /** Who vouches for the server; undefined: the authorities that Node knows, or, `if-offered`, nobody needs to. */
  authorities?: string[] | undefined
  /** Trusted authorities and the like: for a test's own certificate, and out of the environment's reach. */
  tls?: ConnectionOptions
  /** How long a silent server is waited for. */
  silenceMs?: number
  /** How long one send may take in all, its place in the queue included. */
  sendMs?: number
}

/** One mail server. */
export interface SmtpMailer {
  /** What no error may tell. */
  readonly secrets: readonly string[]
  /** Connects and signs in once; again only after `distrust`. */
  verify(): Promise<void>
  /** What was verified does not hold any more. */
  distrust(): void
  /**
   * Hands over one message. `onHandedOver` is called at the moment its last byte goes to the connection, just before
   * the dot that makes the server responsible: until then the server surely does not have the message.
   */
  send(mail: SendMailOptions, onHandedOver: () => void): Promise<SMTPPoolSentMessageInfo>
  close(): void
}

/** A pool of connections: a new one for each message would cost a TLS handshake and a login each time. */
export function smtpMailer(options: MailerOptions): SmtpMailer {
  const { host, port, secure, credentials, authorities, silenceMs = 30_000, sendMs = 90_000 } = options
  const { policy = credentials ? 'require' : 'if-offered' } = options
  const anybody = !secure && policy === 'if-offered' && authorities === undefined
  const tls = {
    ...(authorities && { ca: authorities }),
    ...(anybody && { rejectUnauthorized: false }),
    ...options.tls,
  }
  const transporter = nodemailer.createTransport({
    pool: true,
    host,
    port,
    secure,
    connectionTimeout: Math.min(10_000, silenceMs),
    greetingTimeout: Math.min(10_000, silenceMs),
    socketTimeout: silenceMs,
    // Its own second try happens only where no byte of the message was read; the others are the worker's.
    maxRequeues: 1,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls,
    requireTLS: !secure && policy === 'require',
    ignoreTLS: policy === 'off',
    ...(credentials && {
      auth: { user: credentials.user, pass: credentials.password },
      // Without it a server (or somebody between) that offers no AUTH gets the mail all the same.
      forceAuth: true,
    }),
  })
  const handedOver = new WeakMap<AbortSignal, () => void>()
  // The last stage of the message's stream: the connection reads it only after the server has said 354.
  transporter.use('stream', (mail, done) => {
    const notify = mail.data.signal && handedOver.get(mail.data.signal)
    mail.message.processFunc((input) => (notify ? input.once('end', notify) : input))
    done()
  })
  let verified: Promise<unknown> | undefined
  return {
    secrets: credentials ? [credentials.password] : [],
    async verify() {
      verified ??= transporter.verify()
      await verified
    },
    distrust() {
      verified = undefined
    },
    send(mail, onHandedOver) {
      const signal = AbortSignal.timeout(sendMs)
      handedOver.set(signal, onHandedOver)
      return transporter.sendMail({ ...mail, signal })
    },
    close: () => transporter.close(),
  }
}
