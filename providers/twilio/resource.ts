import { z } from 'zod'
import { unreadable } from '#src/contract/http.ts'
import { type MessageEvent, providerEvent } from '#src/model/event.ts'
import { factId, kindOf, readingOf } from './event.ts'

const text = z.string().nullish().catch(undefined)
const date = text.transform((value) => (value ? new Date(value) : undefined))

const fields = z.object({
  sid: z.string().min(1),
  status: z.string().min(1),
  direction: text,
  from: text,
  to: text,
  body: text,
  messaging_service_sid: text,
  error_code: z
    .union([z.number(), z.string().regex(/^\d{1,9}$/)])
    .nullish()
    .catch(undefined),
  error_message: text,
  date_created: date,
  date_sent: date,
  date_updated: date,
})

/** One message as the API shows it (https://www.twilio.com/docs/messaging/api/message-resource). */
export type Resource = z.infer<typeof fields> & { raw: unknown }

/** Throws a retryable ProviderError for what is not a message. */
export function resourceOf(raw: unknown): Resource {
  const [resource] = resourcesAmong([raw])
  if (resource === undefined) throw unreadable('twilio')
  return resource
}

/**
 * The messages of one page. An item that is not a message is left out, or it would hide all the others as long as Twilio
 * lists it; a later listing may have it readable. Throws a retryable ProviderError where nothing of the page can be read.
 */
export function resourcesOf(page: readonly unknown[]): Resource[] {
  const resources = resourcesAmong(page)
  if (resources.length === 0 && page.length > 0) throw unreadable('twilio')
  return resources
}

function resourcesAmong(raws: readonly unknown[]): Resource[] {
  return raws.flatMap((raw) => {
    const { data } = fields.safeParse(raw)
    return data ? [{ ...data, raw }] : []
  })
}

/**
 * The one fact that a message's resource tells, under the id and with the reading of its webhook. `messageId` is our
 * id, where we know that it is that message.
 */
export function resourceEvent(resource: Resource, receivedAt: Date, messageId?: string): MessageEvent {
  const { sid, direction, raw, date_sent, date_created, date_updated } = resource
  const form = asForm(resource)
  const occurredAt = direction === 'inbound' ? (date_sent ?? date_created) : date_updated
  const item = { id: factId(kindOf(form)) ?? sid, raw, receivedAt }
  const { inbound, ...reading } = readingOf(form)
  // The API does not know what came beside the words: the webhook does, if it comes.
  const words = inbound && { ...inbound, media: undefined }
  return providerEvent('twilio', item, { ...reading, inbound: words, occurredAt, messageId }, 'poll')
}

/** As the webhook's form would have it: an inbound message has no MessageStatus. */
function asForm({ direction, ...resource }: Resource): Record<string, string> {
  return {
    MessageSid: resource.sid,
    From: resource.from ?? '',
    To: resource.to ?? '',
    ...(direction === 'inbound'
      ? { Body: resource.body ?? '' }
      : {
          MessageStatus: resource.status,
          ErrorCode: String(resource.error_code ?? ''),
          ErrorMessage: resource.error_message ?? '',
        }),
  }
}
