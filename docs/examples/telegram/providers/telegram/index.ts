import { z } from 'zod'
import type { Environment, Provider, ProviderEntry } from '#src/contract/provider.ts'
import { secrets } from '#src/contract/signature.ts'
import { halfSet, httpUrl, settingsOf, variable } from '#src/contract/variables.ts'
import { telegramSend } from './send.ts'
import { telegramReader, telegramWebhook } from './webhook.ts'

const variables = z.object({
  TELEGRAM_BOT_TOKEN: variable,
  TELEGRAM_WEBHOOK_SECRET: variable,
  TELEGRAM_API_URL: httpUrl,
})

/** Telegram: sends through a bot and hears its webhook. */
export const telegram: ProviderEntry = {
  name: 'telegram',
  channels: ['telegram'],
  paths: ['/webhooks/telegram'],
  sendsWith: ['TELEGRAM_BOT_TOKEN'],
  hearsWith: ['TELEGRAM_WEBHOOK_SECRET'],
  reader: () => telegramReader,
  create,
}

async function create(environment: Environment): Promise<Provider | undefined> {
  const set = settingsOf('telegram', variables, environment)
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: webhookSecret } = set
  if (token === undefined && webhookSecret === undefined) return undefined
  if (token === undefined)
    throw halfSet('telegram', { TELEGRAM_BOT_TOKEN: token }, { TELEGRAM_WEBHOOK_SECRET: webhookSecret })
  const apiUrl = set.TELEGRAM_API_URL ?? 'https://api.telegram.org'
  const keys = secrets(webhookSecret)
  return {
    name: 'telegram',
    channels: ['telegram'],
    send: telegramSend({ token, apiUrl }),
    ...(keys.length > 0 && { webhook: telegramWebhook(keys) }),
  }
}
