import { ConfigurationError } from '#src/model/errors.ts'

/** A mailbox that is read by IMAP. */
export interface MailboxSettings {
  host: string
  port: number
  /** TLS from the start; otherwise STARTTLS, but on this machine. */
  secure: boolean
  user: string
  password: string
}

/** What a mailbox's variables are called: `BOUNCE_IMAP` and what follows it. */
export type MailboxVariables = Readonly<
  Record<'host' | 'port' | 'secure' | 'user' | 'password', string | undefined>
>

/** The mailbox that is set; undefined: none is. Throws ConfigurationError where it is half set. */
export function mailboxSettings(prefix: string, set: MailboxVariables): MailboxSettings | undefined {
  const { host, user, password } = set
  if (host === undefined && user === undefined && password === undefined) return undefined
  const missing = Object.entries({ HOST: host, USER: user, PASSWORD: password })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `${prefix}_${name}`)
  if (host === undefined || user === undefined || password === undefined)
    throw new ConfigurationError(
      `configuration: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing (set ${prefix}_HOST, ${prefix}_USER and ${prefix}_PASSWORD, or none)`,
    )
  if (set.secure !== undefined && set.secure !== 'true' && set.secure !== 'false')
    throw new ConfigurationError(
      `configuration: ${prefix}_SECURE is neither true (TLS from the start, port 993) nor false`,
    )
  const port = Number(set.port ?? (set.secure === 'false' ? 143 : 993))
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new ConfigurationError(`configuration: ${prefix}_PORT is not a port (1 to 65535)`)
  return {
    host,
    port,
    secure: set.secure === undefined ? port === 993 : set.secure === 'true',
    user,
    password,
  }
}
