import { z } from 'zod'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/contract/provider.ts'
import { secrets } from '#src/contract/signature.ts'
import { settingsOf, shaped, variable, withoutLastSlash } from '#src/contract/variables.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { greenapiAsk } from './ask.ts'
import { isLid } from './chat-id.ts'
import { greenapiClearQueue } from './clear-queue.ts'
import { greenapiInboundSince } from './inbound-list.ts'
import type { Instance } from './instance.ts'
import { greenapiFind, greenapiStatus } from './look-up.ts'
import { createPace } from './pace.ts'
import { greenapiSend } from './send.ts'
import { greenapiState } from './state.ts'
import { greenapiReader, greenapiWebhook } from './webhook.ts'

const variables = z.object({
  GREEN_API_INSTANCE_ID: shaped(/^\d+$/, 'is not a number'),
  GREEN_API_TOKEN: shaped(/^[\w.~-]+$/, 'has characters that no token of Green-API has'),
  GREEN_API_WEBHOOK_TOKEN: variable,
  GREEN_API_URL: shaped(/^https?:\/\/[^\s?#]+$/, 'is not an http(s) URL'),
  GREEN_API_DELAY_MS: shaped(/^\d{1,6}$/, 'is not a number of milliseconds below 1000000'),
})
type Variables = z.infer<typeof variables>

/** "Several seconds" keep a number from being banned; the instance's own delay is left as its owner has set it. */
const usualDelayMs = 3_000

/** Green-API: WhatsApp through a linked phone, both ways. With GREEN_API_WEBHOOK_TOKEN alone it only hears. */
export const greenapi: ProviderEntry = {
  name: 'greenapi',
  channels: ['whatsapp'],
  paths: ['/webhooks/greenapi'],
  sendsWith: ['GREEN_API_INSTANCE_ID', 'GREEN_API_TOKEN'],
  hearsWith: ['GREEN_API_WEBHOOK_TOKEN'],
  reader(environment, country) {
    const { GREEN_API_INSTANCE_ID: instanceId } = settingsOf('greenapi', variables, environment)
    return greenapiReader({ instanceId, country })
  },
  create,
}

async function create(environment: Environment, tools: ProviderTools): Promise<Provider | undefined> {
  const settings = settingsOf('greenapi', variables, environment)
  const { GREEN_API_INSTANCE_ID: instanceId } = settings
  const tokens = secrets(settings.GREEN_API_WEBHOOK_TOKEN)
  const { country } = tools
  const sending = sendingOf(settings, tools)
  if (sending === undefined && tokens.length === 0) return undefined
  return {
    name: 'greenapi',
    channels: sending ? ['whatsapp'] : [],
    // The journals take one request a second: https://green-api.com/en/docs/api/ratelimiter/
    lookUpPauseMs: 1_100,
    warnings: (message) => (message.channel !== 'email' && message.buttons ? ['buttons_as_text'] : []),
    ...(sending && { reaches: isLid, send: greenapiSend(sending), ...lookUps(sending, country) }),
    ...(tokens.length > 0 && { webhook: greenapiWebhook({ tokens, instanceId, country }) }),
  }
}

type Asked = 'status' | 'find' | 'inboundSince' | 'state' | 'clearQueue'

function lookUps(sending: Instance, country: string): Pick<Provider, Asked> {
  const ask = greenapiAsk(sending)
  const reader = { instanceId: sending.instanceId, country }
  return {
    status: greenapiStatus(ask, reader, sending.now),
    find: greenapiFind(ask, reader, sending.now),
    inboundSince: greenapiInboundSince(ask, reader, sending.now),
    state: greenapiState(ask, sending.instanceId, sending.now),
    clearQueue: greenapiClearQueue(ask, reader, sending.now),
  }
}

function sendingOf(settings: Variables, { now }: ProviderTools): Instance | undefined {
  const { GREEN_API_INSTANCE_ID: instanceId, GREEN_API_TOKEN: token } = settings
  if (instanceId === undefined && token === undefined) return undefined
  if (instanceId === undefined)
    throw new ConfigurationError('greenapi: GREEN_API_INSTANCE_ID is missing (GREEN_API_TOKEN is set)')
  if (token === undefined)
    throw new ConfigurationError('greenapi: GREEN_API_TOKEN is missing (GREEN_API_INSTANCE_ID is set)')
  const apiUrl = withoutLastSlash(settings.GREEN_API_URL ?? 'https://api.green-api.com')
  const delayMs = Number(settings.GREEN_API_DELAY_MS ?? usualDelayMs)
  return { instanceId, token, apiUrl, now, pace: createPace({ delayMs }) }
}
