import { z } from 'zod'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/contract/provider.ts'
import { halfSet, httpUrl, listed, settingsOf, shaped, variable } from '#src/contract/variables.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { configuredMailbox } from '#src/model/mailbox.ts'
import type { SendableMessage } from '#src/model/message.ts'
import type { Warning } from '#src/model/warnings.ts'
import { bareType, sendgridSend } from './send.ts'
import { sendgridSuppressions } from './suppressions.ts'
import { sendgridReader, sendgridWebhook } from './webhook.ts'

const groups = shaped(/^\d+(?:\s*,\s*\d+)*$/, 'is a list of the numbers of unsubscribe groups (4711,4712)')

const variables = z.object({
  SENDGRID_API_KEY: variable,
  SENDGRID_WEBHOOK_SECRET: variable,
  SENDGRID_API_URL: httpUrl,
  SENDGRID_TRANSACTIONAL_GROUPS: groups,
  EMAIL_FROM: variable,
})

/** SendGrid: sends email through its v3 API and hears its Event Webhook. */
export const sendgrid: ProviderEntry = {
  name: 'sendgrid',
  channels: ['email'],
  paths: ['/webhooks/sendgrid', '/api/webhooks/email/sendgrid'],
  sendsWith: ['SENDGRID_API_KEY', 'EMAIL_FROM'],
  hearsWith: ['SENDGRID_WEBHOOK_SECRET'],
  reader: (environment) => sendgridReader(groupsIn(environment)),
  create,
}

async function create(environment: Environment, tools: ProviderTools): Promise<Provider | undefined> {
  const set = settingsOf('sendgrid', variables, environment)
  const { SENDGRID_API_KEY: apiKey, SENDGRID_WEBHOOK_SECRET: webhookSecret, EMAIL_FROM: given } = set
  if (apiKey === undefined && webhookSecret === undefined) return undefined
  if (apiKey === undefined || given === undefined)
    throw halfSet(
      'sendgrid',
      { SENDGRID_API_KEY: apiKey, EMAIL_FROM: given },
      { SENDGRID_WEBHOOK_SECRET: webhookSecret },
    )
  const from = configuredMailbox(given)
  if (!from)
    throw new ConfigurationError('sendgrid: EMAIL_FROM is not an email address (a@b.c or Name <a@b.c>)')
  const apiUrl = set.SENDGRID_API_URL ?? 'https://api.sendgrid.com'
  const heard = webhookSecret !== undefined
  return {
    name: 'sendgrid',
    channels: ['email'],
    handsTo: new URL(apiUrl).hostname,
    // Asked for with each message; told to a webhook alone.
    tracks: () => ({ opens: heard, clicks: heard }),
    sender: () => from.address,
    warnings,
    send: sendgridSend({
      apiKey,
      apiUrl,
      from: from.written,
      now: tools.now,
    }),
    ...sendgridSuppressions({ apiKey, apiUrl, now: tools.now }),
    ...(webhookSecret === undefined
      ? {}
      : { webhook: sendgridWebhook(webhookSecret, groupsIn(environment)) }),
  }
}

function warnings(message: SendableMessage): Warning[] {
  const types = message.channel === 'email' ? (message.attachments ?? []).map((file) => file.contentType) : []
  const shortened = types.some((type) => type !== undefined && bareType(type) !== type)
  return shortened ? ['attachment_type_shortened'] : []
}

function groupsIn(environment: Environment): string[] {
  return listed(settingsOf('sendgrid', variables, environment).SENDGRID_TRANSACTIONAL_GROUPS ?? '')
}
