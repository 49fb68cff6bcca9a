import { z } from 'zod'
import { ConfigurationError } from '#src/errors.ts'
import { mailboxOf } from '#src/mailbox.ts'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/provider.ts'
import { sendgridSend } from './send.ts'
import { sendgridReader, sendgridWebhook } from './webhook.ts'

const variable = z
  .string()
  .trim()
  .optional()
  .transform((value) => value || undefined)

const variables = z.object({
  SENDGRID_API_KEY: variable,
  SENDGRID_WEBHOOK_SECRET: variable,
  SENDGRID_API_URL: variable,
  EMAIL_FROM: variable,
})

/** SendGrid: sends email through its v3 API and hears its Event Webhook. */
export const sendgrid: ProviderEntry = {
  name: 'sendgrid',
  channels: ['email'],
  paths: ['/webhooks/sendgrid', '/api/webhooks/email/sendgrid'],
  sendsWith: ['SENDGRID_API_KEY', 'EMAIL_FROM'],
  hearsWith: ['SENDGRID_WEBHOOK_SECRET'],
  reader: () => sendgridReader,
  create,
}

async function create(environment: Environment, tools: ProviderTools): Promise<Provider | undefined> {
  const set = variables.parse(environment)
  const { SENDGRID_API_KEY: apiKey, SENDGRID_WEBHOOK_SECRET: webhookSecret, EMAIL_FROM: from } = set
  if (apiKey === undefined && webhookSecret === undefined) return undefined
  if (apiKey === undefined || from === undefined)
    throw new ConfigurationError(halfSet({ SENDGRID_API_KEY: apiKey, EMAIL_FROM: from }, webhookSecret))
  const sender = mailboxOf(from)
  if (!sender)
    throw new ConfigurationError('sendgrid: EMAIL_FROM is no email address (a@b.c or Name <a@b.c>)')
  return {
    name: 'sendgrid',
    channels: ['email'],
    sender: () => sender.address,
    send: sendgridSend({ apiKey, apiUrl: apiUrl(set.SENDGRID_API_URL), from, now: tools.now }),
    ...(webhookSecret === undefined ? {} : { webhook: sendgridWebhook(webhookSecret) }),
  }
}

function halfSet(needed: Record<string, string | undefined>, webhookSecret: string | undefined): string {
  const missing = Object.keys(needed).filter((name) => needed[name] === undefined)
  const present = needed.SENDGRID_API_KEY === undefined ? 'SENDGRID_WEBHOOK_SECRET' : 'SENDGRID_API_KEY'
  const remedy = webhookSecret === undefined ? 'set both or neither' : 'it sends and hears, or neither'
  return `sendgrid: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing (${present} is set; ${remedy})`
}

function apiUrl(value: string | undefined): string {
  const url = value ?? 'https://api.sendgrid.com'
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw new ConfigurationError('sendgrid: SENDGRID_API_URL is no http(s) URL')
  return url.replace(/\/+$/, '')
}
