import { z } from 'zod'
import { callProvider, notNow, unreadable } from '#src/contract/http.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import { answered, sendError } from './send-error.ts'

/** Twilio's messages as its API shows them. Both throw a retryable ProviderError where it cannot be asked now. */
export interface MessagesApi {
  /** The message's JSON; undefined: Twilio has none of this id, or no more. */
  message(sid: string): Promise<unknown>
  /** The pages of the list, the newest message first; at most 20 of them. */
  pages(filter: Record<string, string>): AsyncGenerator<unknown[]>
}

interface MessagesAccess {
  accountSid: string
  authToken: string
  apiUrl: string
  timeoutMs?: number | undefined
}

const mostPages = 20
const list = z.object({ messages: z.array(z.unknown()), next_page_uri: z.string().nullish() })

/**
 * Plain HTTP and not the SDK: it drops the API's own JSON, takes a missing date for now, and follows the next page to
 * whatever host an answer names, with our credentials.
 */
export function messagesApi({ accountSid, authToken, apiUrl, timeoutMs }: MessagesAccess): MessagesApi {
  const messages = `/2010-04-01/Accounts/${accountSid}/Messages`
  const hidden = hiddenTexts([], [authToken])
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`

  async function ask(path: string): Promise<unknown> {
    const response = await callProvider('twilio', apiUrl + path, {
      method: 'GET',
      headers: { accept: 'application/json', authorization },
      ...(timeoutMs !== undefined && { timeoutMs }),
    }).catch((error: unknown) => {
      throw notNow(sendError(error, hidden))
    })
    const { status, json } = response
    if (status === 200 && json !== undefined) return json
    if (status === 200) throw unreadable('twilio')
    const no = answered(response)
    if (status === 404 && no.said.code === 20404) return undefined
    throw notNow(sendError(no, hidden))
  }

  return {
    message: (sid) => ask(`${messages}/${encodeURIComponent(sid)}.json`),
    async *pages(filter) {
      let path: string | undefined = `${messages}.json?${new URLSearchParams(filter)}`
      for (let page = 0; page < mostPages && path !== undefined; page += 1) {
        const answer = list.safeParse(await ask(path))
        if (!answer.success) throw unreadable('twilio')
        yield answer.data.messages
        path = answer.data.next_page_uri || undefined
        if (path !== undefined && !path.startsWith(`${messages}.json?`)) throw unreadable('twilio')
      }
    },
  }
}
