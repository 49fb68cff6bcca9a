import { z } from 'zod'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/contract/provider.ts'
import { halfSet, httpUrl, settingsOf, variable } from '#src/contract/variables.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { addressOf, configuredMailbox, domainOf } from '#src/model/mailbox.ts'
import { resendApi } from './api.ts'
import { resendStatus } from './look-up.ts'
import { resendSend } from './send.ts'
import { resendSuppressions } from './suppressions.ts'
import { trackedDomains } from './tracked-domains.ts'
import { resendReader, resendWebhook } from './webhook.ts'

const variables = z.object({
  RESEND_API_KEY: variable,
  RESEND_WEBHOOK_SECRET: variable,
  RESEND_API_URL: httpUrl,
  EMAIL_FROM: variable,
})

/** Resend: sends email through its API and hears its webhooks. */
export const resend: ProviderEntry = {
  name: 'resend',
  channels: ['email'],
  paths: ['/webhooks/resend', '/api/webhooks/email/resend'],
  sendsWith: ['RESEND_API_KEY', 'EMAIL_FROM'],
  hearsWith: ['RESEND_WEBHOOK_SECRET'],
  reader: () => resendReader,
  create,
}

async function create(environment: Environment, tools: ProviderTools): Promise<Provider | undefined> {
  const set = settingsOf('resend', variables, environment)
  const { RESEND_API_KEY: apiKey, RESEND_WEBHOOK_SECRET: webhookSecret, EMAIL_FROM: given } = set
  if (apiKey === undefined && webhookSecret === undefined) return undefined
  if (apiKey === undefined || given === undefined)
    throw halfSet(
      'resend',
      { RESEND_API_KEY: apiKey, EMAIL_FROM: given },
      { RESEND_WEBHOOK_SECRET: webhookSecret },
    )
  const from = configuredMailbox(given)
  if (!from)
    throw new ConfigurationError('resend: EMAIL_FROM is not an email address (a@b.c or Name <a@b.c>)')
  const apiUrl = set.RESEND_API_URL ?? 'https://api.resend.com'
  const api = resendApi(apiKey, apiUrl)
  const domains = trackedDomains(api, tools.clock)
  return {
    name: 'resend',
    channels: ['email'],
    handsTo: new URL(apiUrl).hostname,
    tracks: (message) => {
      const sender = addressOf(message.from ?? from.written)
      const tells = webhookSecret !== undefined && sender !== undefined
      return tells ? domains.tracks(domainOf(sender)) : { opens: false, clicks: false }
    },
    sender: () => from.address,
    warnings: (message) =>
      message.channel === 'email' && (message.cc?.length || message.bcc?.length)
        ? ['events_of_copies_unknown']
        : [],
    send: resendSend({ api, domains, from: from.written, now: tools.now }),
    recognisesRepeats: true,
    status: resendStatus(api, tools.now),
    ...resendSuppressions(api, tools.now),
    check: domains.look,
    ...(webhookSecret === undefined ? {} : { webhook: resendWebhook(webhookSecret) }),
  }
}
