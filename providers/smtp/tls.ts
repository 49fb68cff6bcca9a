import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { ConfigurationError } from '#src/model/errors.ts'

/**
 * What a connection without TLS from the start does: `require` STARTTLS and a certificate that somebody vouches for; take it
 * `if-offered`, whatever the certificate (whoever can forge one can hide the offer as well); or `off`.
 */
export const tlsPolicies = ['require', 'if-offered', 'off'] as const
export type TlsPolicy = (typeof tlsPolicies)[number]

export interface Encryption {
  port: number
  /** TLS from the start; otherwise STARTTLS, by the policy. */
  secure: boolean
  policy: TlsPolicy
  /** Who is trusted besides the authorities that Node knows, as PEM. */
  authorities: string[] | undefined
}

type Variables = {
  [Name in 'SMTP_HOST' | 'SMTP_PORT' | 'SMTP_SECURE' | 'SMTP_TLS' | 'SMTP_CA']?: string | undefined
}

/** How a mail server is spoken to. Throws ConfigurationError, above all where a login would go in clear. */
export function encryptionOf(set: Variables, login: boolean): Encryption {
  const { port, secure } = portOf(set)
  const local = isThisMachine(set.SMTP_HOST ?? '')
  const policy = policyOf(set.SMTP_TLS) ?? (login ? 'require' : local ? 'off' : 'if-offered')
  if (secure && set.SMTP_TLS === 'off')
    throw new ConfigurationError(
      'smtp: SMTP_TLS is off, and SMTP_SECURE or port 465 wants TLS from the start',
    )
  if (!secure && login && policy !== 'require' && !local)
    throw new ConfigurationError(
      `smtp: SMTP_TLS is ${policy}, and SMTP_PASSWORD could go in clear (set it to require, or leave out the login)`,
    )
  const { SMTP_CA: authority } = set
  return { port, secure, policy, authorities: authority === undefined ? undefined : trusted(authority) }
}

function policyOf(value: string | undefined): TlsPolicy | undefined {
  if (value === undefined) return undefined
  const policy = tlsPolicies.find((one) => one === value)
  if (!policy) throw new ConfigurationError(`smtp: SMTP_TLS is not one of ${tlsPolicies.join(', ')}`)
  return policy
}

function portOf({ SMTP_PORT, SMTP_SECURE }: Variables) {
  if (SMTP_SECURE !== undefined && SMTP_SECURE !== 'true' && SMTP_SECURE !== 'false')
    throw new ConfigurationError('smtp: SMTP_SECURE is neither true (TLS from the start, port 465) nor false')
  const port = Number(SMTP_PORT ?? (SMTP_SECURE === 'true' ? 465 : 587))
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new ConfigurationError('smtp: SMTP_PORT is not a port (1 to 65535)')
  return { port, secure: SMTP_SECURE === 'true' || (SMTP_SECURE === undefined && port === 465) }
}

function isThisMachine(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}

function trusted(authority: string): string[] {
  if (authority.startsWith('-----BEGIN ')) return [...rootCertificates, authority.replaceAll('\\n', '\n')]
  try {
    return [...rootCertificates, readFileSync(authority, 'utf8')]
  } catch {
    throw new ConfigurationError(
      'smtp: SMTP_CA cannot be read (a file of certificates as PEM, or the PEM itself)',
    )
  }
}
