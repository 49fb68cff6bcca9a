import { callProvider, notNow, unreadable } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import type { Instance } from './instance.ts'
import { sendError } from './send-error.ts'

/** What is asked: a GET with this query, or a POST with this body. */
export interface Question {
  query?: Record<string, string>
  body?: Record<string, string>
}

/**
 * Asks the instance by one of its methods; gives its JSON, or undefined where it does not know the message or chat.
 * Throws a retryable ProviderError where it cannot be asked now. The journals allow one call a second.
 */
export type Ask = (method: string, question?: Question) => Promise<unknown>

export function greenapiAsk({ instanceId, token, apiUrl, now, timeoutMs = 15_000 }: Instance): Ask {
  return async (method, { query, body } = {}) => {
    const url = `${apiUrl}/waInstance${instanceId}/${method}/${token}`
    const answer = await callProvider('greenapi', query ? `${url}?${new URLSearchParams(query)}` : url, {
      method: body ? 'POST' : 'GET',
      headers: { 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      timeoutMs,
    }).catch((error: unknown) => {
      throw error instanceof ProviderError ? notNow(error) : error
    })
    if (answer.status === 200 && answer.json !== undefined) return answer.json
    if (answer.status === 400 && /not\s?found/i.test(answer.text)) return undefined
    throw answer.status === 200
      ? unreadable('greenapi')
      : notNow(sendError(answer, hiddenTexts([], [token]), now()))
  }
}
