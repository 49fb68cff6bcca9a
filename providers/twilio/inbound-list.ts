import type { Provider } from '#src/contract/provider.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { MessagesApi } from './messages-api.ts'
import { resourceEvent, resourcesOf } from './resource.ts'
import { addressOn, type SendSettings } from './send.ts'

const earlierMs = 60_000

/**
 * Gives the function that reads what customers wrote to our numbers; undefined where none is configured that could be
 * written to (a Messaging Service, a name). The API knows neither the button that was pressed nor the media's URLs.
 */
export function twilioInboundSince(
  api: MessagesApi,
  { whatsapp, sms }: SendSettings['from'],
  now: () => Date,
): Provider['inboundSince'] {
  const numbers = [
    ...(whatsapp === undefined ? [] : [addressOn('whatsapp', whatsapp)]),
    ...(sms !== undefined && /^\+?\d+$/.test(sms) ? [sms] : []),
  ]
  if (numbers.length === 0) return undefined
  return async (since) => {
    const earliest = new Date(since.getTime() - earlierMs)
    const events: MessageEvent[] = []
    for (const number of numbers) events.push(...(await writtenTo(api, number, earliest, now)))
    return events.sort((one, other) => one.occurredAt.getTime() - other.occurredAt.getTime())
  }
}

/** DateSent is a day in GMT; of an inbound message it is when Twilio first called our webhook. */
async function writtenTo(
  api: MessagesApi,
  number: string,
  earliest: Date,
  now: () => Date,
): Promise<MessageEvent[]> {
  const events: MessageEvent[] = []
  const day = earliest.toISOString().slice(0, 10)
  for await (const page of api.pages({ To: number, 'DateSent>': day, PageSize: '500' })) {
    const inbound = resourcesOf(page).filter(({ direction }) => direction === 'inbound')
    events.push(...inbound.map((resource) => resourceEvent(resource, now())))
  }
  return events.filter(({ occurredAt }) => occurredAt >= earliest)
}
