import { z } from 'zod'
import { callProvider, notNow, type ProviderResponse, unreadable } from '#src/contract/http.ts'
import type { Provider } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { type EventReading, type MessageEvent, providerEvent } from '#src/model/event.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import { contentId } from '#src/model/json.ts'
import { sendError } from './send-error.ts'

const pageSize = 500
/** Of one list in one look: beyond that somebody has filled it by hand. */
const mostPages = 40

interface Account {
  apiKey: string
  /** Without a trailing slash. */
  apiUrl: string
  now: () => Date
}

interface List {
  path: string
  /** Where one address is taken off it. */
  entry: string
  type: 'bounced' | 'complained' | 'unsubscribed'
}

/**
 * Whom SendGrid writes to no more. Its blocks are no such list: they say what became of one mail. Those of groups are told by webhook.
 * https://www.twilio.com/docs/sendgrid/api-reference/bounces-api/retrieve-all-bounces and its neighbours
 */
const lists: readonly List[] = [
  { path: 'bounces', entry: 'suppression/bounces', type: 'bounced' },
  { path: 'invalid_emails', entry: 'suppression/invalid_emails', type: 'bounced' },
  { path: 'spam_reports', entry: 'suppression/spam_reports', type: 'complained' },
  { path: 'unsubscribes', entry: 'asm/suppressions/global', type: 'unsubscribed' },
]

const text = z.string().nullish().catch(undefined)
const entries = z.array(z.object({ email: z.string(), created: z.number(), reason: text, status: text }))

/** SendGrid's own lists; the key needs the rights to read and change suppressions. */
export function sendgridSuppressions(
  account: Account,
): Required<Pick<Provider, 'suppressedSince' | 'unsuppress'>> {
  async function listed(list: List, since: Date): Promise<MessageEvent[]> {
    const events: MessageEvent[] = []
    const from = Math.floor(since.getTime() / 1_000)
    for (let page = 0; page < mostPages; page++) {
      const place = `start_time=${from}&limit=${pageSize}&offset=${page * pageSize}`
      const found = entries.safeParse((await asked(account, 'GET', `suppression/${list.path}?${place}`)).json)
      if (!found.success) throw unreadable('sendgrid')
      const receivedAt = account.now()
      for (const entry of found.data) {
        const item = { id: `listed:${list.path}:${contentId(entry)}`, raw: entry, receivedAt }
        events.push(providerEvent('sendgrid', item, readingOf(list, entry), 'poll'))
      }
      if (found.data.length < pageSize) break
    }
    return events
  }

  return {
    async suppressedSince(since) {
      const events: MessageEvent[] = []
      for (const list of lists) events.push(...(await listed(list, since)))
      return events
    },

    async unsuppress(address, all) {
      for (const { entry } of lists.filter(({ type }) => all || type === 'bounced'))
        await asked(account, 'DELETE', `${entry}/${encodeURIComponent(address)}`, [address])
    },
  }
}

function readingOf({ path, type }: List, entry: z.infer<typeof entries>[number]): EventReading {
  return {
    type,
    providerType: `suppression.${path}`,
    channel: 'email',
    occurredAt: new Date(entry.created * 1_000),
    recipient: entry.email,
    reason: entry.reason || undefined,
    code: entry.status || undefined,
    ...(type === 'bounced' && { bounceClass: 'hard' as const }),
  }
}

/** Throws ProviderError. An address that is not on a list is 404. */
async function asked(
  { apiKey, apiUrl, now }: Account,
  method: string,
  path: string,
  hidden: string[] = [],
): Promise<ProviderResponse> {
  const response = await callProvider('sendgrid', `${apiUrl}/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}` },
  }).catch((error: unknown) => {
    throw error instanceof ProviderError ? notNow(error) : error
  })
  const { status, headers, text, json } = response
  if (status < 300 || (method === 'DELETE' && status === 404)) return response
  const answer = {
    statusCode: status,
    body: json ?? text,
    headers: {
      'x-ratelimit-reset': headers.get('x-ratelimit-reset'),
      'content-type': headers.get('content-type'),
    },
  }
  throw notNow(sendError(answer, hiddenTexts(hidden, [apiKey]), now()))
}
