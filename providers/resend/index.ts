import { z } from 'zod'
import { ConfigurationError } from '#src/errors.ts'
import { addressOf } from '#src/mailbox.ts'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/provider.ts'
import { resendApi } from './api.ts'
import { resendStatus } from './look-up.ts'
import { resendSend } from './send.ts'
import { trackedDomains } from './tracked-domains.ts'
import { resendReader, resendWebhook } from './webhook.ts'

const variable = z
  .string()
  .trim()
  .optional()
  .transform((value) => value || undefined)

const variables = z.object({
  RESEND_API_KEY: variable,
  RESEND_WEBHOOK_SECRET: variable,
  RESEND_API_URL: variable,
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
  const set = variables.parse(environment)
  const { RESEND_API_KEY: apiKey, RESEND_WEBHOOK_SECRET: webhookSecret, EMAIL_FROM: from } = set
  if (apiKey === undefined && webhookSecret === undefined) return undefined
  if (apiKey === undefined || from === undefined)
    throw new ConfigurationError(halfSet({ RESEND_API_KEY: apiKey, EMAIL_FROM: from }, webhookSecret))
  const sender = addressOf(from)
  if (!sender) throw new ConfigurationError('resend: EMAIL_FROM is no email address (a@b.c or Name <a@b.c>)')
  const api = resendApi(apiKey, apiUrl(set.RESEND_API_URL))
  const domains = trackedDomains(api, tools.now)
  return {
    name: 'resend',
    channels: ['email'],
    sender: () => sender,
    send: resendSend({ api, domains, from, now: tools.now }),
    recognisesRepeats: true,
    status: resendStatus(api, tools.now),
    check: domains.look,
    ...(webhookSecret === undefined ? {} : { webhook: resendWebhook(webhookSecret) }),
  }
}

function halfSet(needed: Record<string, string | undefined>, webhookSecret: string | undefined): string {
  const missing = Object.keys(needed).filter((name) => needed[name] === undefined)
  const present = needed.RESEND_API_KEY === undefined ? 'RESEND_WEBHOOK_SECRET' : 'RESEND_API_KEY'
  const remedy = webhookSecret === undefined ? 'set both or neither' : 'it sends and hears, or neither'
  return `resend: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing (${present} is set; ${remedy})`
}

function apiUrl(value: string | undefined): string {
  const url = value ?? 'https://api.resend.com'
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw new ConfigurationError('resend: RESEND_API_URL is no http(s) URL')
  return url.replace(/\/+$/, '')
}
