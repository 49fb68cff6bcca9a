import { z } from 'zod'
import { notNow, unreadable } from '#src/contract/http.ts'
import type { Provider } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { providerEvent } from '#src/model/event.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import { isMissing, type ResendApi } from './api.ts'
import { readingOf } from './event.ts'
import { sendError } from './send-error.ts'

const email = z.looseObject({ last_event: z.string().nullish() })

/**
 * What Resend says of one email now (https://resend.com/docs/api-reference/emails/retrieve-email); none while it waits
 * there. It names neither the webhook's id nor when the last event was: the id is our own, the clock our receipt.
 */
export function resendStatus(api: ResendApi, now: () => Date): NonNullable<Provider['status']> {
  return async ({ providerMessageId: id }) => {
    const response = await api.ask(`/emails/${encodeURIComponent(id)}`).catch((error: unknown) => {
      throw error instanceof ProviderError ? notNow(error) : error
    })
    if (isMissing(response)) return []
    if (response.status !== 200) throw notNow(sendError(response, hiddenTexts([], [api.apiKey]), now()))
    const answer = email.safeParse(response.json)
    if (!answer.success) throw unreadable('resend')
    const { last_event: lastEvent } = answer.data
    if (!lastEvent || lastEvent === 'queued') return []
    const item = { id: `poll:${id}:${lastEvent}`, raw: response.json, receivedAt: now() }
    const reading = readingOf({ type: `email.${lastEvent}`, data: { ...answer.data, email_id: id } })
    return [providerEvent('resend', item, reading, 'poll')]
  }
}
