import { z } from 'zod'
import type { Environment, Provider, ProviderEntry, ProviderTools } from '#src/contract/provider.ts'
import { secrets } from '#src/contract/signature.ts'
import { settingsOf, shaped, variable, withoutLastSlash } from '#src/contract/variables.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import type { Channel } from '#src/model/message.ts'
import { numberNow } from '#src/model/number-plans.ts'
import { e164 } from '#src/model/phone.ts'
import { isUserId } from '#src/model/whatsapp-name.ts'
import { callable } from './callable.ts'
import { type ContentApi, contentApi } from './content.ts'
import { twilioInboundSince } from './inbound-list.ts'
import { twilioFind, twilioStatus } from './look-up.ts'
import { messagesApi } from './messages-api.ts'
import { type SendSettings, twilioSend } from './send.ts'
import { twilioReader, twilioWebhook } from './webhook.ts'

const variables = z.object({
  TWILIO_ACCOUNT_SID: shaped(/^AC[0-9a-fA-F]{32}$/, 'is not AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: variable,
  TWILIO_WHATSAPP_FROM: variable,
  TWILIO_SMS_FROM: variable,
  TWILIO_MESSAGING_SERVICE_SID: shaped(/^MG[0-9a-fA-F]{32}$/, 'is not MG and 32 hexadecimal digits'),
  TWILIO_API_URL: shaped(/^https?:\/\/[^\s?#]+$/, 'is not an http(s) URL'),
})
type Variables = z.infer<typeof variables>

const account = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN']
const senders = ['TWILIO_WHATSAPP_FROM', 'TWILIO_SMS_FROM', 'TWILIO_MESSAGING_SERVICE_SID'] as const

/** Twilio: WhatsApp and SMS, both ways. With TWILIO_AUTH_TOKEN alone it only hears. */
export const twilio: ProviderEntry = {
  name: 'twilio',
  channels: ['whatsapp', 'sms'],
  paths: ['/webhooks/twilio-whatsapp', '/webhooks/twilio-sms', '/webhooks/twilio', '/api/whatsapp/incoming'],
  sendsWith: [...account, senders.join(' or ')],
  sendsOn: {
    whatsapp: [...account, 'TWILIO_WHATSAPP_FROM or TWILIO_MESSAGING_SERVICE_SID'],
    sms: [...account, 'TWILIO_SMS_FROM or TWILIO_MESSAGING_SERVICE_SID'],
  },
  hearsWith: ['TWILIO_AUTH_TOKEN'],
  reader: () => twilioReader,
  create,
}

async function create(environment: Environment, tools: ProviderTools): Promise<Provider | undefined> {
  const settings = settingsOf('twilio', variables, environment)
  const tokens = secrets(settings.TWILIO_AUTH_TOKEN)
  const sending = sendingOf(settings, tokens, tools)
  if (sending === undefined && tokens.length === 0) return undefined
  const { validateRequest } = await import('twilio/lib/webhooks/webhooks.js')
  const webhook = twilioWebhook({
    tokens,
    accountSid: settings.TWILIO_ACCOUNT_SID,
    validate: validateRequest,
  })
  if (sending === undefined) return { name: 'twilio', channels: [], webhook }
  const { from } = sending
  const unheard = tools.baseUrl !== undefined && sending.baseUrl === undefined
  const api = messagesApi(sending)
  const inboundSince = twilioInboundSince(api, from, tools.now)
  return {
    name: 'twilio',
    channels: (['whatsapp', 'sms'] as const).filter(
      (channel) => from[channel] ?? sending.messagingServiceSid,
    ),
    // https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-or-customer-service-window
    freeTextForMs: 24 * 3_600_000,
    warnings: (message) => [
      // Only a template that Twilio knows has buttons.
      ...(message.channel !== 'email' && message.buttons && !message.template
        ? (['buttons_as_text'] as const)
        : []),
      ...(unheard ? (['no_status_callbacks'] as const) : []),
    ],
    check: async () =>
      unheard
        ? [
            'twilio: is asked for no status callbacks, since nobody outside can call BASE_URL (set it to the public https address; what becomes of a message is looked up later)',
          ]
        : [],
    sender: (channel: Channel) => (channel === 'email' ? undefined : from[channel]),
    reaches: isUserId,
    send: await twilioSend(sending, tools.now),
    status: twilioStatus(api, tools.now),
    find: twilioFind(api, sending, tools.now),
    ...(inboundSince && { inboundSince }),
    webhook,
  }
}

/** Twilio's templates, whichever senders are set. Throws ConfigurationError where its account is not. */
export function twilioContent(environment: Environment): ContentApi {
  const settings = settingsOf('twilio', variables, environment)
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_URL: apiUrl = 'https://content.twilio.com' } = settings
  const [authToken] = secrets(settings.TWILIO_AUTH_TOKEN)
  if (accountSid !== undefined && authToken !== undefined)
    return contentApi({ accountSid, authToken, apiUrl: withoutLastSlash(apiUrl) })
  const lacking = accountSid === undefined ? 'TWILIO_ACCOUNT_SID' : 'TWILIO_AUTH_TOKEN'
  throw new ConfigurationError(
    `twilio: ${lacking} is missing (templates belong to the account of TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN)`,
  )
}

function sendingOf(
  settings: Variables,
  tokens: string[],
  { baseUrl, country }: ProviderTools,
): SendSettings | undefined {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_MESSAGING_SERVICE_SID: messagingServiceSid } = settings
  const [authToken] = tokens
  const set = (['TWILIO_ACCOUNT_SID', ...senders] as const).filter((name) => settings[name] !== undefined)
  if (set.length === 0) return undefined
  if (accountSid === undefined || authToken === undefined || set.length === 1)
    throw missing(settings, authToken, set)
  const apiUrl = withoutLastSlash(settings.TWILIO_API_URL ?? 'https://api.twilio.com')
  return {
    accountSid,
    authToken,
    apiUrl,
    from: { whatsapp: whatsappSender(settings, country), sms: smsSender(settings, country) },
    messagingServiceSid,
    // Twilio refuses a message whose callback it cannot call (21609), or calls in vain.
    baseUrl: baseUrl !== undefined && callable(baseUrl, apiUrl) ? baseUrl : undefined,
  }
}

function missing(
  settings: Variables,
  authToken: string | undefined,
  set: readonly string[],
): ConfigurationError {
  const lacking = [
    ...(settings.TWILIO_ACCOUNT_SID === undefined ? ['TWILIO_ACCOUNT_SID'] : []),
    ...(authToken === undefined ? ['TWILIO_AUTH_TOKEN'] : []),
    ...(senders.some((name) => settings[name] !== undefined) ? [] : [`one of ${senders.join(', ')}`]),
  ]
  const names = authToken === undefined ? set : [...set, 'TWILIO_AUTH_TOKEN']
  const gaps = lacking.map((name) => `${name} is missing`).join(', ')
  return new ConfigurationError(
    `twilio: ${gaps} (${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} set)`,
  )
}

function whatsappSender({ TWILIO_WHATSAPP_FROM: value }: Variables, country: string) {
  const number = value && senderNumber(value, country)
  if (value && !number) throw new ConfigurationError('twilio: TWILIO_WHATSAPP_FROM is not a phone number')
  return number
}

/** A phone number, a short code, or a name: up to 11 letters and digits, at least one a letter. */
function smsSender({ TWILIO_SMS_FROM: value }: Variables, country: string) {
  if (!value || /^\d{3,6}$/.test(value) || /^(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}$/.test(value)) return value
  const number = senderNumber(value, country)
  if (!number)
    throw new ConfigurationError(
      'twilio: TWILIO_SMS_FROM is not a phone number, short code or name of 11 letters',
    )
  return number
}

/** A number as it was registered at Twilio, which knows it by no other writing: +521… stays what it is. */
function senderNumber(value: string, country: string): string | undefined {
  const number = e164(value, country)
  const written = value.replace(/[^\d+]/g, '').replace(/^00/, '+')
  return /^\+\d+$/.test(written) && numberNow(written) === number ? written : number
}
