import { z } from 'zod'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/contract/provider.ts'
import { settingsOf, shaped, variable } from '#src/contract/variables.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { configuredMailbox } from '#src/model/mailbox.ts'
import { smtpMailer } from './mailer.ts'
import { reportsOf } from './reports.ts'
import { smtpSend } from './send.ts'
import { encryptionOf } from './tls.ts'

const variables = z.object({
  SMTP_HOST: variable,
  SMTP_PORT: variable,
  SMTP_SECURE: variable,
  SMTP_TLS: variable,
  SMTP_CA: variable,
  SMTP_USER: variable,
  SMTP_PASSWORD: variable,
  SMTP_FROM: variable,
  SMTP_RATE: shaped(/^[1-9]\d{0,5}$/, 'is not a number of mails an hour (1 to 999999)'),
  EMAIL_FROM: variable,
  BOUNCE_ADDRESS: variable,
  BOUNCE_IMAP_HOST: variable,
  TRACKING_SECRET: variable,
  JWT_SECRET: variable,
})

/** Plain SMTP: sends email through any mail server; it never calls us. */
export const smtp: ProviderEntry = {
  name: 'smtp',
  channels: ['email'],
  paths: [],
  sendsWith: ['SMTP_HOST', 'EMAIL_FROM'],
  hearsWith: [],
  create,
}

async function create(environment: Environment, { now, note }: ProviderTools): Promise<Provider | undefined> {
  const set = settingsOf('smtp', variables, environment)
  // SMTP_PORT, SMTP_SECURE and SMTP_TLS have defaults, SMTP_RATE is a limit, EMAIL_FROM is shared: they turn nothing on.
  const first = (['SMTP_HOST', 'SMTP_USER', 'SMTP_PASSWORD', 'SMTP_FROM'] as const).find((name) => set[name])
  if (first === undefined) return undefined
  const { SMTP_HOST: host, SMTP_USER: user, SMTP_PASSWORD: password } = set
  const given = set.SMTP_FROM ?? set.EMAIL_FROM
  if (host === undefined) throw missing('SMTP_HOST', first)
  if (given === undefined) throw missing('SMTP_FROM or EMAIL_FROM', 'SMTP_HOST')
  if (user === undefined && password !== undefined) throw missing('SMTP_USER', 'SMTP_PASSWORD')
  if (user !== undefined && password === undefined) throw missing('SMTP_PASSWORD', 'SMTP_USER')
  const from = configuredMailbox(given)
  if (!from) {
    const name = set.SMTP_FROM === undefined ? 'EMAIL_FROM' : 'SMTP_FROM'
    throw new ConfigurationError(`smtp: ${name} is not an email address (a@b.c or Name <a@b.c>)`)
  }
  const credentials = user !== undefined && password !== undefined ? { user, password } : undefined
  const mailer = smtpMailer({ host, credentials, ...encryptionOf(set, credentials !== undefined) })
  return {
    name: 'smtp',
    channels: ['email'],
    sender: () => from.address,
    handsTo: host,
    ...(set.SMTP_RATE !== undefined && { perHour: Number(set.SMTP_RATE) }),
    send: smtpSend({
      mailer,
      reports: reportsOf(set, (finding) => note?.('smtp', finding)),
      from: from.written,
      now,
    }),
    close: mailer.close,
  }
}

function missing(name: string, present: string): ConfigurationError {
  return new ConfigurationError(`smtp: ${name} is missing (${present} is set; set both or neither)`)
}
