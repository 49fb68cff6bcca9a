import type { Provider } from '#src/contract/provider.ts'
import type { OutgoingText } from '#src/model/message.ts'
import { plainText } from '#src/model/template.ts'
import { statusType } from './event.ts'
import type { MessagesApi } from './messages-api.ts'
import { type Resource, resourceEvent, resourceOf, resourcesOf } from './resource.ts'
import { addressOn, type SendSettings } from './send.ts'

/** How far Twilio's clock and ours may differ, and how long a request may have been under way. */
const beforeMs = 60_000
const afterMs = 15 * 60_000

/**
 * What Twilio says of one message now. Callbacks are not repeated for ever: it tells its users to ask
 * (https://www.twilio.com/docs/messaging/guides/outbound-message-logging). None while it waits there.
 */
export function twilioStatus(api: MessagesApi, now: () => Date): NonNullable<Provider['status']> {
  return async ({ providerMessageId }) => {
    const json = await api.message(providerMessageId)
    if (json === undefined) return []
    const resource = resourceOf(json)
    return statusType(resource.status) === 'queued' ? [] : [resourceEvent(resource, now())]
  }
}

/**
 * Looks for a message that may have been accepted: same ends, same text, made about then, and the only one such. The
 * list is not filtered by DateSent, which a message that still waits does not have.
 */
export function twilioFind(
  api: MessagesApi,
  sending: Pick<SendSettings, 'from' | 'messagingServiceSid'>,
  now: () => Date,
): NonNullable<Provider['find']> {
  return async (message, attemptedAt) => {
    if (message.channel === 'email') return []
    const earliest = attemptedAt.getTime() - beforeMs
    const latest = attemptedAt.getTime() + afterMs
    // By sid: the pages shift where a message is made while we read.
    const candidates = new Map<string, Resource>()
    for await (const page of api.pages({ To: addressOn(message.channel, message.to), PageSize: '100' })) {
      const resources = resourcesOf(page)
      for (const resource of resources)
        if (createdWithin(resource, earliest, latest) && isSame(resource, message, sending))
          candidates.set(resource.sid, resource)
      if (resources.every((resource) => createdWithin(resource, 0, earliest - 1))) break
    }
    const [only, ...others] = candidates.values()
    return only && others.length === 0 ? [resourceEvent(only, now(), message.id)] : []
  }
}

function createdWithin({ date_created }: Resource, from: number, to: number): boolean {
  const time = date_created?.getTime() ?? Number.NaN
  return time >= from && time <= to
}

function isSame(
  resource: Resource,
  message: OutgoingText,
  { from, messagingServiceSid }: Pick<SendSettings, 'from' | 'messagingServiceSid'>,
): boolean {
  const { channel, body, template } = message
  // By a Messaging Service a template's text is '' there (twilio/twilio-node#1081): then nobody can tell which message it is.
  const text = template === undefined ? plainText(message) : body
  if (!resource.direction?.startsWith('outbound') || resource.body !== text) return false
  const own = from[channel]
  return own === undefined
    ? messagingServiceSid !== undefined && resource.messaging_service_sid === messagingServiceSid
    : resource.from === addressOn(channel, own)
}
