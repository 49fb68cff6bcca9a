import { z } from 'zod'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/contract/provider.ts'
import { secrets } from '#src/contract/signature.ts'
import { halfSet, httpUrl, settingsOf, variable } from '#src/contract/variables.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { addressOf } from '#src/model/mailbox.ts'
import { postmuleSend } from './send.ts'
import { postmuleReader, postmuleWebhook } from './webhook.ts'

const variables = z.object({
  POSTMULE_API_KEY: variable,
  POSTMULE_WEBHOOK_SECRET: variable,
  POSTMULE_API_URL: httpUrl,
  EMAIL_FROM: variable,
})

/** Postmule: sends email through its API and hears its webhook. */
export const postmule: ProviderEntry = {
  name: 'postmule',
  channels: ['email'],
  paths: ['/webhooks/postmule'],
  sendsWith: ['POSTMULE_API_KEY', 'EMAIL_FROM'],
  hearsWith: ['POSTMULE_WEBHOOK_SECRET'],
  reader: () => postmuleReader,
  create,
}

async function create(environment: Environment, tools: ProviderTools): Promise<Provider | undefined> {
  const set = settingsOf('postmule', variables, environment)
  const { POSTMULE_API_KEY: apiKey, POSTMULE_WEBHOOK_SECRET: webhookSecret, EMAIL_FROM: from } = set
  if (apiKey === undefined && webhookSecret === undefined) return undefined
  if (apiKey === undefined || from === undefined)
    throw halfSet(
      'postmule',
      { POSTMULE_API_KEY: apiKey, EMAIL_FROM: from },
      { POSTMULE_WEBHOOK_SECRET: webhookSecret },
    )
  const sender = addressOf(from)
  if (!sender)
    throw new ConfigurationError('postmule: EMAIL_FROM is not an email address (a@b.c or Name <a@b.c>)')
  const apiUrl = set.POSTMULE_API_URL ?? 'https://api.postmule.example'
  const keys = secrets(webhookSecret)
  return {
    name: 'postmule',
    channels: ['email'],
    sender: () => sender,
    send: postmuleSend({ apiKey, apiUrl, from, now: tools.now }),
    ...(keys.length > 0 && { webhook: postmuleWebhook(keys) }),
  }
}
