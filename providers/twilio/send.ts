import { z } from 'zod'
import { answeredWithin, endedAfter, jsonIn, refusesUs } from '#src/contract/http.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenOf } from '#src/model/hidden.ts'
import type { Channel, OutgoingMessage, OutgoingText } from '#src/model/message.ts'
import { codeWord, ours, type PublicReason } from '#src/model/public-reason.ts'
import { plainText } from '#src/model/template.ts'
import { errorCodes, failureReason, suppresses } from './error-codes.ts'
import { statusType } from './event.ts'
import { Answered, sendError } from './send-error.ts'

/** What sending needs; a `from` is E.164, a short code or an alphanumeric name, without prefix. */
export interface SendSettings {
  accountSid: string
  authToken: string
  apiUrl: string
  from: Partial<Record<Channel, string | undefined>>
  messagingServiceSid?: string | undefined
  baseUrl?: string | undefined
  timeoutMs?: number | undefined
}

/** A field of another type than Twilio's own is absent: what decides whether a message was accepted is that it has a sid. */
const text = z.string().nullish().catch(undefined)
const accepted = z.object({
  sid: z.string().min(1),
  status: z
    .string()
    .regex(/^\w{1,50}$/)
    .nullish()
    .catch(undefined),
  from: text,
  messagingServiceSid: text,
  numSegments: text,
  errorCode: z
    .union([z.number(), z.string().regex(/^\d{1,9}$/)])
    .nullish()
    .catch(undefined),
  errorMessage: text,
})

/**
 * By default Twilio repeats a callback only where the connection failed, so our 503 would lose it. We answer within
 * 500 ms or not at all: four tries of 3.5 s fit into the 15 s that Twilio gives them all together. Never on a 4xx:
 * what we refused once is refused again. The fragment is neither sent nor signed.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
const connectionOverrides = '#ct=2000&rt=3500&rc=3&rp=5xx,ct,rt'

/** An axios answer's; the SDK's own errors lack them. */
const headers = z.object({ 'retry-after': text, 'content-type': text })

/** Gives the function that sends one text by Twilio; loads the SDK (200 ms, 22 MB) when it is called. */
export async function twilioSend(
  settings: SendSettings,
  now: () => Date = () => new Date(),
): Promise<(message: OutgoingMessage) => Promise<Receipt>> {
  const { default: connect } = await import('twilio')
  const { accountSid, authToken, apiUrl, timeoutMs = 15_000 } = settings
  // Empty edge and region: the SDK would else read its own variables and rewrite the host of TWILIO_API_URL.
  const client = connect(accountSid, authToken, {
    timeout: timeoutMs,
    autoRetry: false,
    edge: '',
    region: '',
  })
  client.api.baseUrl = apiUrl
  const http = client.httpClient
  http.axios.interceptors.request.use((config) => ({ ...config, signal: endedAfter(2 * timeoutMs) }))
  const request = http.request.bind(http)
  http.request = async (options) => {
    const response = await request(options)
    const { statusCode, body } = response
    if (statusCode >= 200 && statusCode < 300) return response
    const { data: told = {} } = headers.safeParse(response.headers)
    throw new Answered({
      status: statusCode,
      json: typeof body === 'string' ? jsonIn(body) : body,
      text: typeof body === 'string' ? body : '',
      contentType: told['content-type'],
      retryAfter: told['retry-after'],
    })
  }
  return async (message) => {
    if (message.channel === 'email') throw new ProviderError('twilio', 'permanent', 'twilio: sends no email')
    try {
      const answering = client.messages.create(parametersOf(message, settings))
      return receipt(await answeredWithin('twilio', answering, 2 * timeoutMs), message, settings)
    } catch (error) {
      throw sendError(error, hiddenOf(message, [authToken]), now())
    }
  }
}

function parametersOf(message: OutgoingText, settings: SendSettings) {
  const { id, channel, to } = message
  const { baseUrl } = settings
  return {
    to: addressOn(channel, to),
    ...contentOf(message),
    ...senderOf(channel, settings),
    ...(baseUrl && { statusCallback: `${baseUrl}/webhooks/twilio-${channel}?m=${id}${connectionOverrides}` }),
  }
}

/**
 * A template goes by its sid alone: with a body beside it, it counts as free text
 * (https://www.twilio.com/docs/api/errors/63016).
 */
function contentOf(message: OutgoingText) {
  const { template } = message
  if (template === undefined) return { body: plainText(message) }
  const { contentSid, variables } = template
  const named = Object.keys(variables).length > 0
  return { contentSid, ...(named && { contentVariables: JSON.stringify(variables) }) }
}

function senderOf(channel: OutgoingText['channel'], { from, messagingServiceSid }: SendSettings) {
  const own = from[channel]
  if (own !== undefined) return { from: addressOn(channel, own) }
  if (messagingServiceSid !== undefined) return { messagingServiceSid }
  throw new ProviderError('twilio', 'permanent', `twilio: has no sender for ${channel}`)
}

/** An address as Twilio writes it on this channel. */
export function addressOn(channel: OutgoingText['channel'], address: string): string {
  return channel === 'whatsapp' ? `whatsapp:${address}` : address
}

/** It was taken and failed in one: by its code it is as if it had been refused. */
function failedAtOnce(providerCode: string | undefined, reason: PublicReason): ProviderError {
  const { ours: about } = errorCodes.get(providerCode ?? '') ?? {}
  if (about === undefined)
    return new ProviderError('twilio', 'permanent', reason, {
      providerCode,
      suppresses: suppresses(providerCode ?? ''),
    })
  return new ProviderError('twilio', 'retryable', reason, {
    providerCode,
    ...(about === 'right' ? {} : refusesUs(about)),
  })
}

function receipt(answer: unknown, message: OutgoingText, settings: SendSettings): Receipt {
  const { sid, errorCode, errorMessage, ...rest } = accepted.parse(answer)
  const status = rest.status || 'created'
  const type = statusType(status)
  if (type === 'failed') {
    const providerCode = errorCode ? String(errorCode) : undefined
    const reason = providerCode
      ? failureReason(providerCode, errorMessage, hiddenOf(message, [settings.authToken]))
      : codeWord(status)
    throw failedAtOnce(providerCode, ours`twilio: ${reason}`)
  }
  return {
    providerMessageId: sid,
    // The webhook's id for the same fact; never that of a further fact, whose webhook would pass for a repeat.
    eventId: type === 'queued' ? `${sid}:${status}` : `${sid}:created`,
    type: 'queued',
    providerType: status,
    sender: rest.from?.replace(/^whatsapp:/, '') ?? settings.from[message.channel],
    raw: { sid, ...rest },
  }
}
