import { z } from 'zod'
import { notNow, unreadable } from '#src/contract/http.ts'
import type { Provider } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { type EventReading, type EventType, type MessageEvent, providerEvent } from '#src/model/event.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import { isMissing, type ResendApi } from './api.ts'
import { sendError } from './send-error.ts'

const pageSize = 100
/** Of one look: beyond that somebody has filled the list by hand. */
const mostPages = 100

const text = z.string().nullish().catch(undefined)
/** One address of Resend's list, as its webhook and its API tell it. */
const entry = z.object({ id: z.string(), email: z.string(), origin: text, created_at: text })
const page = z.object({ data: z.array(entry), has_more: z.boolean().catch(false) })

const types = new Map<unknown, EventType>([
  ['bounce', 'bounced'],
  ['complaint', 'complained'],
])

/**
 * What is said of an address on the list; undefined: it does not say which. Whom somebody entered by hand is not to be written to
 * either.
 */
export function suppressedReading(said: unknown, providerType: string): EventReading | undefined {
  const found = entry.safeParse(said)
  if (!found.success) return undefined
  const { email, origin, created_at: at } = found.data
  return {
    type: types.get(origin) ?? 'unsubscribed',
    providerType,
    channel: 'email',
    occurredAt: at ? new Date(at) : undefined,
    recipient: email,
    ...(origin === 'bounce' && { bounceClass: 'hard' as const }),
  }
}

/**
 * Resend's own list, the newest first; a key that may only send cannot read it.
 * https://resend.com/docs/api-reference/suppressions/list-suppressions (in beta: the account may not have it yet)
 */
export function resendSuppressions(
  api: ResendApi,
  now: () => Date,
): Required<Pick<Provider, 'suppressedSince' | 'unsuppress'>> {
  async function ask(method: 'GET' | 'DELETE', path: string, hidden: string[] = []) {
    const response = await api.ask(path, { method }).catch((error: unknown) => {
      throw error instanceof ProviderError ? notNow(error) : error
    })
    if (response.status < 300 || isMissing(response)) return response
    throw notNow(sendError(response, hiddenTexts(hidden, [api.apiKey]), now()))
  }

  return {
    async suppressedSince(since) {
      const events: MessageEvent[] = []
      let after = ''
      for (let number = 0; number < mostPages; number++) {
        const response = await ask('GET', `/suppressions?limit=${pageSize}${after}`)
        // No such list for this account.
        if (isMissing(response)) return events
        const found = page.safeParse(response.json)
        if (!found.success) throw unreadable('resend')
        const receivedAt = now()
        const told = found.data.data.flatMap((raw) => {
          const reading = suppressedReading(raw, 'suppression.listed')
          return reading
            ? [providerEvent('resend', { id: `suppression:${raw.id}`, raw, receivedAt }, reading, 'poll')]
            : []
        })
        events.push(...told.filter(({ occurredAt }) => occurredAt >= since))
        const last = found.data.data.at(-1)
        if (!found.data.has_more || !last || (told.at(-1)?.occurredAt ?? since) < since) return events
        after = `&after=${encodeURIComponent(last.id)}`
      }
      return events
    },

    async unsuppress(address, all) {
      const path = `/suppressions/${encodeURIComponent(address)}`
      if (!all) {
        const listed = entry.safeParse((await ask('GET', path, [address])).json).data
        if (listed?.origin !== 'bounce') return
      }
      await ask('DELETE', path, [address])
    },
  }
}
