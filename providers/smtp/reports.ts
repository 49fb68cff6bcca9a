import type { SMTPEnvelopeDsn } from 'nodemailer'
import { longestReturnName, type ReturnPaths, returnPaths, returnSecrets } from '#src/contract/return-path.ts'
import { ConfigurationError, ProviderError } from '#src/model/errors.ts'
import { configuredMailbox } from '#src/model/mailbox.ts'

/** What is asked of a mail server, so that it reports what became of a mail. */
export interface Reports {
  /** Whom the mail is returned to instead of its sender; undefined: its sender. */
  returnPathOf(messageId: string): string | undefined
  /** The server takes nothing from a return path: from here on mails are returned to their senders. */
  pathRefused(): void
  /** What is asked by DSN (RFC 3461); undefined: nobody reads what would come. */
  askedOf(messageId: string, recipients: readonly string[]): SMTPEnvelopeDsn | undefined
  /** Whether it could be asked, by what the server offers (its answer to EHLO); undefined: it was not. */
  asked(offers: readonly string[] | undefined): boolean | undefined
}

interface Settings {
  BOUNCE_ADDRESS?: string | undefined
  BOUNCE_IMAP_HOST?: string | undefined
  TRACKING_SECRET?: string | undefined
  JWT_SECRET?: string | undefined
}

/** `note` is told once of each thing that an operator should know. Throws ConfigurationError where no mail can come back. */
export function reportsOf(set: Settings, note: (finding: string) => void): Reports {
  const { BOUNCE_ADDRESS: address, BOUNCE_IMAP_HOST: mailbox } = set
  const paths = address === undefined ? undefined : pathsOf(address, set)
  const read = address !== undefined || mailbox !== undefined
  let refused = false
  let known = false
  return {
    returnPathOf: (messageId) => (refused ? undefined : paths?.of(messageId)),
    pathRefused() {
      refused = true
      note(
        'smtp: the server refuses BOUNCE_ADDRESS as the return path: reports go to the sender from here on (let the login send as it, or leave BOUNCE_ADDRESS out)',
      )
    },
    askedOf: (id, [recipient, ...copies]) =>
      read
        ? {
            id,
            return: 'headers',
            notify: ['success', 'failure', 'delay'],
            // nodemailer writes the one address to each RCPT TO.
            ...(recipient !== undefined && copies.length === 0 && isAscii(recipient)
              ? { recipient: `rfc822;${recipient}` }
              : {}),
          }
        : undefined,
    asked(offers) {
      if (!read || offers === undefined) return undefined
      const offered = offers.some((one) => /^DSN\b/i.test(one))
      if (!offered && !known)
        note(
          'smtp: the server offers no delivery reports (DSN): what arrives stays `sent`, what bounces is reported',
        )
      known = true
      return offered
    },
  }
}

/** A refusal that is due to the return path, for all that the server says. */
export function refusesSender(error: unknown): boolean {
  return error instanceof ProviderError && error.certainty === 'retryable' && error.ofSender
}

function pathsOf(given: string, set: Settings): ReturnPaths {
  const { address } = configuredMailbox(given) ?? {}
  if (address === undefined || address !== given)
    throw new ConfigurationError('smtp: BOUNCE_ADDRESS is not an email address (a@b.c)')
  const signing = returnSecrets(set)
  if (signing.length > 0 && address.lastIndexOf('@') > longestReturnName)
    throw new ConfigurationError(
      `smtp: BOUNCE_ADDRESS is too long (at most ${longestReturnName} characters before the @: a token is put behind them)`,
    )
  return returnPaths(address, signing)
}

function isAscii(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
