import type { z } from 'zod'
import { type ReturnPaths, returnPaths, returnSecrets } from '#src/contract/return-path.ts'
import { variable } from '#src/contract/variables.ts'
import { type MailboxSettings, mailboxSettings } from './mailbox-settings.ts'

/** Where what becomes of mails by plain SMTP is reported. */
export interface Bounces {
  /** Undefined: nobody reads it. */
  mailbox: MailboxSettings | undefined
  /** Where mails are returned to; undefined: to their senders. */
  paths: ReturnPaths | undefined
}

export const bounceVariables = {
  BOUNCE_ADDRESS: variable,
  BOUNCE_IMAP_HOST: variable,
  BOUNCE_IMAP_PORT: variable,
  BOUNCE_IMAP_SECURE: variable,
  BOUNCE_IMAP_USER: variable,
  BOUNCE_IMAP_PASSWORD: variable,
}

/** Throws ConfigurationError where the mailbox is half set. */
export function bouncesOf(
  set: { [Name in keyof typeof bounceVariables]?: z.infer<typeof variable> } & {
    TRACKING_SECRET?: string | undefined
    JWT_SECRET?: string | undefined
  },
): Bounces {
  const { BOUNCE_ADDRESS: address } = set
  return {
    mailbox: mailboxSettings('BOUNCE_IMAP', {
      host: set.BOUNCE_IMAP_HOST,
      port: set.BOUNCE_IMAP_PORT,
      secure: set.BOUNCE_IMAP_SECURE,
      user: set.BOUNCE_IMAP_USER,
      password: set.BOUNCE_IMAP_PASSWORD,
    }),
    paths: address === undefined ? undefined : returnPaths(address, returnSecrets(set)),
  }
}
